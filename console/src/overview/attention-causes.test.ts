import { expect, test } from 'vitest'
import type { AttentionAnswer } from '../../../src/app/api/schema/call.ts'
import { causesOf } from './attention-causes.ts'

const group = (over: Partial<AttentionAnswer['groups'][number]>): AttentionAnswer['groups'][number] => ({
  verdict: 'mismatch',
  finding: 'call_id_repeated',
  reason: 'the witnesses contradict each other: one call id was seen in more calls than were sent',
  who: 'pa',
  account: '1',
  region: 'us-east-1',
  calls: 2,
  firstAt: '2026-11-24T10:00:00Z',
  lastAt: '2026-11-24T11:00:00Z',
  sample: 'x',
  ...over,
})

test('one line per cause, with everybody in it', () => {
  const causes = causesOf([
    group({}),
    group({ who: 'pb', calls: 3, lastAt: '2026-11-24T12:00:00Z' }),
    group({
      finding: 'mismatch:person',
      reason: 'the witnesses contradict each other: they differ in person',
      calls: 1,
    }),
  ])
  expect(causes.map(({ says, calls, who }) => [says, calls, who])).toEqual([
    ['one call id was seen in more calls than were sent', 5, ['pa', 'pb']],
    ['they differ in person', 1, ['pa']],
  ])
  expect(causes[0]?.lastAt).toBe('2026-11-24T12:00:00Z')
  expect(causes[0]?.filters.finding).toEqual({ is: ['call_id_repeated'], not: [] })
  expect(causes[1]?.filters.finding).toEqual({ is: ['mismatch:person'], not: [] })
})

test('a verdict with no causes needs no finding, and nobody is a name that can be asked for', () => {
  const [cause] = causesOf([group({ verdict: 'lost', finding: '', who: '', reason: 'it is lost' })])
  expect(cause?.filters).toEqual({ verdict: { is: ['lost'], not: [] }, person: { is: ['(none)'], not: [] } })
  expect(cause?.says).toBe('it is lost')
})
