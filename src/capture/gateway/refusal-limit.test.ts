import { expect, test } from 'vitest'
import { RefusalLimit } from './refusal-limit.ts'

test('twenty refusals of unknown callers a second are recorded, the others are counted until a record says so', () => {
  const limit = new RefusalLimit()
  const admitted = Array.from({ length: 30 }, () => limit.admits(1_000, '', 'CREDENTIAL_MISSING')).filter(Boolean)
  expect(admitted).toHaveLength(20)
  expect(limit.beyond).toBe(10)
  expect(limit.admits(2_000, '', 'CREDENTIAL_MISSING')).toBe(true)
  limit.settle(10)
  expect(limit.beyond).toBe(0)
})

test('the same credential is recorded once a minute and counted in between, each reason for itself', () => {
  const limit = new RefusalLimit()
  expect(limit.admits(0, 'a', 'CREDENTIAL_INVALID')).toBe(true)
  for (let at = 1_000; at <= 50_000; at += 1_000) expect(limit.admits(at, 'a', 'CREDENTIAL_INVALID')).toBe(false)
  expect(limit.admits(50_000, 'a', 'CREDENTIAL_EXPIRED')).toBe(true)
  expect(limit.admits(50_000, 'b', 'CREDENTIAL_INVALID')).toBe(true)
  expect(limit.takeRepeated(51_000)).toEqual([
    { credential: 'a', code: 'CREDENTIAL_INVALID', count: 50, from: 1_000, to: 50_000 },
  ])
  expect(limit.takeRepeated(52_000)).toEqual([])
  expect(limit.beyond).toBe(0)
  expect(limit.admits(61_000, 'a', 'CREDENTIAL_INVALID')).toBe(true)
})

test('what was counted before a credential is recorded anew is not lost', () => {
  const limit = new RefusalLimit()
  limit.admits(0, 'a', 'X')
  limit.admits(1, 'a', 'X')
  limit.admits(70_000, 'a', 'X')
  expect(limit.takeRepeated(70_001)).toEqual([{ credential: 'a', code: 'X', count: 1, from: 1, to: 1 }])
})
