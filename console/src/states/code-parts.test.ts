import { expect, test } from 'vitest'
import { codeParts } from './code-parts.ts'

test('what stands between backticks is code, and no backtick is left', () => {
  expect(codeParts('run `triptych up` or `triptych hub`')).toEqual([
    { text: 'run ', code: false, at: 0 },
    { text: 'triptych up', code: true, at: 4 },
    { text: ' or ', code: false, at: 17 },
    { text: 'triptych hub', code: true, at: 21 },
  ])
})

test('a sentence without code, an empty one and an open backtick stay as they are', () => {
  expect(codeParts('try again')).toEqual([{ text: 'try again', code: false, at: 0 }])
  expect(codeParts('')).toEqual([])
  expect(codeParts('a ` alone')).toEqual([{ text: 'a ` alone', code: false, at: 0 }])
})
