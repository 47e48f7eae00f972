import { expect, test } from 'vitest'
import { edgesOf } from './scroll-edges.ts'

const box = { scrollLeft: 0, scrollTop: 0, scrollWidth: 300, scrollHeight: 100, clientWidth: 300, clientHeight: 100 }

test('a box that holds everything has no edge, also when it measures a part of a pixel more', () => {
  expect(edgesOf(box)).toEqual([])
  expect(edgesOf({ ...box, scrollWidth: 301 })).toEqual([])
})

test('an edge is where the rest lies', () => {
  expect(edgesOf({ ...box, scrollWidth: 420 })).toEqual(['right'])
  expect(edgesOf({ ...box, scrollWidth: 420, scrollLeft: 50 })).toEqual(['left', 'right'])
  expect(edgesOf({ ...box, scrollWidth: 420, scrollLeft: 120 })).toEqual(['left'])
  expect(edgesOf({ ...box, scrollHeight: 420 })).toEqual(['down'])
  expect(edgesOf({ ...box, scrollHeight: 420, scrollTop: 320 })).toEqual(['up'])
})
