import { expect, test } from 'vitest'
import { formatClock, formatDuration, formatMoment } from './format-time.ts'

const at = '2026-11-24T14:02:10.123Z'

test('a time never goes without its zone', () => {
  expect(formatMoment(at, 'utc')).toBe('2026-11-24 14:02:10Z')
  expect(formatMoment(at, 'utc', 'millisecond')).toBe('2026-11-24 14:02:10.123Z')
  expect(formatMoment(at, 'local')).toMatch(/^2026-11-2[345] \d\d:\d\d:10[+-]\d\d:\d\d$/)
  expect(formatMoment(at, 'both')).toMatch(/^2026-11-24 14:02:10Z \(.*[+-]\d\d:\d\d\)$/)
  expect(formatClock(at, 'utc', 'minute')).toBe('14:02Z')
})

test('what is no time is unknown, not a wrong time', () => {
  expect(formatMoment('', 'utc')).toBe('unknown')
})

test('lengths of time have units', () => {
  expect([842, 12_400, 187_000, 7_500_000, 273_600_000, 3_600_000].map(formatDuration)).toEqual([
    '842 ms',
    '12.4 s',
    '3 min 07 s',
    '2 h 05 min',
    '3 d 4 h',
    '1 h',
  ])
})
