import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatShare, shortId } from './format-number.ts'

test('counts are whole up to six digits', () => {
  expect([0, 18_204, 999_999, 1_240_000].map(formatCount)).toEqual(['0', '18,204', '999,999', '1.24 M'])
})

test('a share that is not all is never written as all, and not nothing never as nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (whole, some) => {
      const part = 1 + (some % (whole - 1))
      expect(['100 %', '100.00 %', '0 %', '0.00 %']).not.toContain(formatShare(part, whole))
    }),
  )
  expect(formatShare(999_999, 1_000_000)).toBe('99.99 %')
})

test('ids keep beginning and end, sizes their unit', () => {
  expect(shortId('gw0101m86rfard91rw33w6j4cjwhjw6psqtn7c')).toBe('gw0101…tn7c')
  expect(formatBytes(4238)).toBe('4.2 kB')
})
