import { expect, test } from 'vitest'
import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { matchesCall } from './match-call.ts'

const call: CallAnswer = {
  key: 'k',
  at: '2026-11-24T12:00:00Z',
  callId: 'gw0101aaaa',
  awsRequestId: 'c395a95b',
  alias: 'p9sdeg53jvw4237je8xgb',
  principalArn: 'arn:aws:sts::1:assumed-role/R/p9sdeg53jvw4237je8xgb',
  team: '',
  project: 'ci',
  session: '',
  operation: 'InvokeModel',
  model: 'anthropic.claude-opus-4-6-v1',
  region: 'us-east-1',
  account: '1',
  verdict: 'bypass',
  previousVerdict: '',
  findings: ['bypass:bearer_key'],
  reason: '',
  compared: [],
  seen: { access: true, gateway: false, content: true },
  tokens: { input: 1, output: 1, cacheRead: null, cacheWrite: null },
  result: 'success',
  httpStatus: 200,
  stopReason: '',
  durationMs: null,
  gateway: '',
  firstByteMs: null,
  judgedAt: '2026-11-24T12:00:00Z',
  simulated: true,
}
const is = (...values: string[]) => ({ is: values, not: [] })
const not = (...values: string[]) => ({ is: [], not: values })

test('within a filter any value, across filters all, and what is left out stays out', () => {
  expect(matchesCall(call, {})).toBe(true)
  expect(matchesCall(call, { verdict: is('lost', 'bypass'), project: is('ci') })).toBe(true)
  expect(matchesCall(call, { verdict: is('bypass'), project: is('other') })).toBe(false)
  expect(matchesCall(call, { verdict: not('bypass') })).toBe(false)
})

test('people by their beginning, models by a part, findings by their kind, nothing by its own word', () => {
  expect(matchesCall(call, { person: is('p9sd'), model: is('opus'), finding: is('bypass'), team: is('(none)') })).toBe(
    true,
  )
  expect(matchesCall(call, { q: is('c395') })).toBe(true)
  expect(matchesCall(call, { team: not('(none)') })).toBe(false)
})
