import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differingPart } from './differing-part.ts'

test('only what differs is set apart', () => {
  expect(differingPart('us.claude-opus', 'eu.claude-opus')).toEqual(['', 'us', '.claude-opus'])
  expect(differingPart('512', '498')).toEqual(['', '512', ''])
  expect(differingPart('gateway-1', 'gateway-12')).toEqual(['gateway-1', '', ''])
})

test('the three parts are the text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      expect(differingPart(text, other).join('')).toBe(text)
    }),
  )
})
