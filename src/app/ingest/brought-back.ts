import type { JournalLine } from '../../platform/journal/line.ts'
import type { JournalBatch, JournalPosition } from '../../platform/journal/tail-journal.ts'

/**
 * A gateway that lost its disk goes on where its second place ended, and its chain has no gap. What it did between may be lost all the
 * same: the segment it begins then says so, and what is read is two stretches, not one.
 */
export function isBroughtBack({ type, body }: JournalLine): boolean {
  return type === 'segment.opened' && body['broughtBack'] === true
}

/** The part of a batch before the next such segment; the whole batch when none begins within. */
export function untilBroughtBack(batch: JournalBatch, from: JournalPosition | undefined): JournalBatch {
  const at = batch.lines.findIndex(({ line }, i) => i > 0 && isBroughtBack(line))
  const lines = batch.lines.slice(0, Math.max(at, 0))
  const last = lines.at(-1)
  const opened = lines.findLast(({ line }) => line.type === 'segment.opened')
  const segment = opened?.line.seq ?? from?.segment
  if (last === undefined || segment === undefined) return batch
  return { lines, position: { segment, offset: last.endOffset, seq: last.line.seq, hash: last.hash } }
}
