import { open } from 'node:fs/promises'
import { readSegment } from './read-segment.ts'
import { segmentPath } from './segment-files.ts'
import type { JournalBatch, JournalPosition } from './tail-journal.ts'

/**
 * Whether what was read is there for good. A reader may see a write before its writer knows it durable, or one that fails and is cut
 * off again. So the segment is synced and its last line read once more: the chain makes it stand for all before it.
 */
export async function isSettled(dir: string, from: JournalPosition | undefined, batch: JournalBatch): Promise<boolean> {
  const { segment, hash } = batch.position
  const path = segmentPath(dir, segment)
  const file = await open(path, 'r')
  try {
    await file.datasync()
  } finally {
    await file.close()
  }
  const again = await readSegment(path, { offset: startOfLast(from, batch), maxBytes: 1, atBreak: 'skip' })
  return again.lines.some((line) => line.hash === hash)
}

function startOfLast(from: JournalPosition | undefined, { lines, position }: JournalBatch): number {
  if (position.seq === position.segment) return 0
  return lines.at(-2)?.endOffset ?? (from?.segment === position.segment ? from.offset : 0)
}
