import { expect, test } from 'vitest'
import { RefusalLimit } from './refusal-limit.ts'

test('a flood within a second is recorded up to the bound, and the rest is counted until a record says so', () => {
  const limit = new RefusalLimit()
  const admitted = Array.from({ length: 500 }, () => limit.admits(1_000)).filter(Boolean)
  expect(admitted.length).toBe(20)
  expect(limit.beyond).toBe(480)
  limit.settle(480)
  expect(limit.beyond).toBe(0)
})

test('the next second admits again', () => {
  const limit = new RefusalLimit()
  for (let i = 0; i < 100; i++) limit.admits(1_000)
  expect(limit.admits(2_000)).toBe(true)
})
