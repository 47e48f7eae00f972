import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { mintCallId } from '../../record/call-id.ts'
import { CoverageTimeline, type StatePoint } from './coverage.ts'
import { JournalCoverage } from './journal-coverage.ts'

const place = { layer: 'access' as const, account: '111122223333', region: 'us-east-1' }
const snapshot = (at: number, state: StatePoint['state']): StatePoint => ({
  ...place,
  at,
  state,
  source: 'snapshot',
  reason: state,
})
const change = (at: number, state: StatePoint['state']): StatePoint => ({
  ...place,
  at,
  state,
  source: 'change',
  reason: `changed to ${state}`,
})
const at = (points: readonly StatePoint[], moment: number) =>
  new CoverageTimeline(points).at('access', place.account, place.region, moment).state

test('a layer is complete between two looks that both found it on', () => {
  expect(at([snapshot(10, 'on'), snapshot(20, 'on')], 15)).toBe('complete')
  expect(at([snapshot(10, 'on'), snapshot(20, 'on')], 25)).toBe('unknown')
  expect(at([snapshot(10, 'on'), snapshot(20, 'on')], 5)).toBe('unknown')
  expect(at([], 5)).toBe('unknown')
})

test('it is blind from the moment it was switched off to the moment it was switched on', () => {
  const points = [snapshot(10, 'on'), change(13, 'off'), change(17, 'on'), snapshot(20, 'on')]
  expect([12, 14, 18].map((moment) => at(points, moment))).toEqual(['complete', 'blind', 'complete'])
})

test('a look that finds it off makes the time before it doubtful', () => {
  expect(at([snapshot(10, 'on'), snapshot(20, 'off')], 15)).toBe('unknown')
  expect(at([snapshot(10, 'off'), snapshot(20, 'on')], 15)).toBe('blind')
})

test('a span is as good as its worst moment', () => {
  const timeline = new CoverageTimeline([
    snapshot(10, 'on'),
    change(13, 'off'),
    change(14, 'on'),
    snapshot(20, 'on'),
    snapshot(30, 'on'),
  ])
  expect(timeline.over('access', place.account, place.region, 11, 19).state).toBe('blind')
  expect(timeline.over('access', place.account, place.region, 21, 29).state).toBe('complete')
})

test('a journal is complete where it was read, behind at its end, and has a hole between stretches', () => {
  const id = (when: number) => mintCallId({ gatewayTag: 'gw01', at: when, random: randomBytes, key: randomBytes(32) })
  const mark = (firstSeq: number, lastSeq: number, firstAt: number, lastAt: number) => ({
    source: 'gateway-gw01',
    firstSeq,
    lastSeq,
    firstAt,
    lastAt,
  })
  const coverage = new JournalCoverage(
    [mark(1, 5, 100_000, 200_000), mark(6, 9, 200_000, 300_000), mark(20, 30, 500_000, 600_000)],
    100_000,
  )
  expect(coverage.stateOf(id(250_000), 700_000)).toBe('complete')
  expect(coverage.stateOf(id(400_000), 700_000)).toBe('hole')
  expect(coverage.stateOf(id(600_000), 700_000)).toBe('complete')
  expect(coverage.stateOf(id(650_000), 700_000)).toBe('behind')
  expect(coverage.stateOf(id(650_000), 6_000_000)).toBe('hole')
  expect(new JournalCoverage([], 100_000).stateOf(id(650_000), 700_000)).toBe('behind')
  // An id is made before its intent is written: the last moments before a hole may lack theirs.
  expect(coverage.stateOf(id(289_999), 700_000)).toBe('complete')
  expect(coverage.stateOf(id(290_001), 700_000)).toBe('hole')
  expect(coverage.stateOf(id(199_000), 700_000)).toBe('hole')
})
