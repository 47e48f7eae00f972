import { expect, test } from 'vitest'
import { watchReserve } from './disk-reserve.ts'
import { guardJournal, type SecondPlace } from './guarded-journal.ts'
import type { Journal } from './journal.ts'

const memoryJournal = () => {
  const written: string[] = []
  const journal: Journal = {
    source: 'gateway-test',
    tail: { segment: undefined, endOffset: 0, lastSeq: 0, lastHash: '', lines: [], torn: 0 },
    append: async (type) => ({ seq: written.push(type), at: '2026-01-01T00:00:00.000Z' }),
    writable: () => true,
    close: async () => undefined,
  }
  return { journal, written }
}
const needsRoom = new Map([
  ['call.intent', 1],
  ['call.refused', 0.5],
])
const needsSecond = new Set(['call.intent'])

test('below the reserve no call begins, below half of it no refusal is written, and what runs is recorded to the end', async () => {
  const { journal, written } = memoryJournal()
  let free = 1_001
  let asked = 0
  const reserve = await watchReserve('/journal', 1_000, async () => {
    asked += 1
    return { bavail: free, bsize: 1 }
  })
  const guarded = guardJournal(journal, { reserve, needsRoom, second: undefined, needsSecond })
  for (let i = 0; i < 100; i++) await guarded.append('call.intent', {})
  // Never for a call.
  expect(asked).toBe(1)
  expect(guarded.writable()).toBe(true)
  free = 999
  await reserve.look()
  expect(guarded.writable()).toBe(false)
  await expect(guarded.append('call.intent', {})).rejects.toMatchObject({
    code: 'JOURNAL_UNWRITABLE',
    facts: { reason: 'reserve' },
  })
  const running = ['call.refused', 'call.attempt', 'call.outcome', 'gateway.heartbeat']
  for (const type of running) await guarded.append(type, {})
  free = 499
  await reserve.look()
  await expect(guarded.append('call.refused', {})).rejects.toMatchObject({ code: 'JOURNAL_UNWRITABLE' })
  for (const type of running.slice(1)) await guarded.append(type, {})
  expect(written.slice(100)).toEqual([...running, ...running.slice(1)])
  free = 1_000
  await reserve.look()
  await guarded.append('call.intent', {})
  expect(guarded.writable()).toBe(true)
  reserve.close()
})

test('a disk that cannot be asked keeps its last answer, and a reserve of nothing asks nobody', async () => {
  let answer: () => Promise<{ bavail: number; bsize: number }> = async () => ({ bavail: 1, bsize: 512 })
  const reserve = await watchReserve('/journal', 1_000, () => answer())
  expect(reserve.isBelow(1)).toBe(true)
  answer = () => Promise.reject(new RangeError('EIO'))
  await reserve.look()
  expect(reserve.isBelow(1)).toBe(true)
  reserve.close()
  const none = await watchReserve('/journal', 0, () => Promise.reject(new RangeError('asked')))
  expect(none.isBelow(1)).toBe(false)
  none.close()
})

test('an intent waits for the second place, an outcome does not, and nothing is written while it takes nothing', async () => {
  const { journal, written } = memoryJournal()
  let isReady = true
  const waiting: (() => void)[] = []
  const second: SecondPlace = {
    ready: () => isReady,
    until: () => new Promise((resolve) => waiting.push(resolve)),
  }
  const guarded = guardJournal(journal, { reserve: { isBelow: () => false }, needsRoom, second, needsSecond })
  let done = false
  const intent = guarded.append('call.intent', {}).then(() => {
    done = true
  })
  await guarded.append('call.outcome', {})
  expect(done).toBe(false)
  waiting[0]?.()
  await intent
  isReady = false
  expect(guarded.writable()).toBe(false)
  await expect(guarded.append('call.intent', {})).rejects.toMatchObject({ facts: { reason: 'replica' } })
  await guarded.append('call.outcome', {})
  expect(written).toEqual(['call.intent', 'call.outcome', 'call.outcome'])
})
