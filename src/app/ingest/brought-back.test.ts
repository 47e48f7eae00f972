import { expect, test } from 'vitest'
import type { JournalLine } from '../../platform/journal/line.ts'
import { untilBroughtBack } from './brought-back.ts'

const record = (seq: number, type = 'a.record', body = {}) => {
  const zeros = '0'.repeat(64)
  const line: JournalLine = { v: 1, source: 's', seq, at: '2026-01-01T00:00:00Z', rand: '', type, prev: zeros, body }
  return { line, hash: `h${seq}`, endOffset: seq * 10 }
}
const batchOf = (...lines: ReturnType<typeof record>[]) => {
  const { line, hash, endOffset } = lines.at(-1) ?? record(0)
  return { lines, position: { segment: 4, offset: endOffset, seq: line.seq, hash } }
}
const opened = (seq: number, broughtBack?: boolean) => record(seq, 'segment.opened', { open: [], broughtBack })

test('a batch ends before the segment that a gateway began after its disk was lost, and at the end of the one before', () => {
  const batch = batchOf(opened(1), record(2), record(3), opened(4, true), record(5))
  expect(untilBroughtBack(batch, undefined)).toEqual({
    lines: batch.lines.slice(0, 3),
    position: { segment: 1, offset: 30, seq: 3, hash: 'h3' },
  })
  const from = { segment: 1, offset: 20, seq: 2, hash: 'h2' }
  const later = batchOf(record(3), opened(4, true), record(5))
  expect(untilBroughtBack(later, from).position).toEqual({ segment: 1, offset: 30, seq: 3, hash: 'h3' })
})

test('one that begins with such a segment, or has only others, stays whole', () => {
  for (const batch of [batchOf(opened(4, true), record(5)), batchOf(record(3), opened(4), record(5))]) {
    expect(untilBroughtBack(batch, undefined)).toBe(batch)
  }
})
