import { stat } from 'node:fs/promises'
import { TriptychError } from '../triptych-error.ts'
import { type PlacedLine, readSegment } from './read-segment.ts'
import { listSegments, type SegmentFile } from './segment-files.ts'

/** How far a reader of a journal is. */
export interface JournalPosition {
  readonly segment: number
  readonly offset: number
  readonly seq: number
  readonly hash: string
}

/** New whole records since a position, and the position behind them. */
export interface JournalBatch {
  readonly lines: readonly PlacedLine[]
  readonly position: JournalPosition
}

/**
 * Reads what a journal has gained since `from`, one segment and about `maxBytes` at a time; undefined when nothing is new.
 * The writer may be another process: only whole lines are taken, and the chain is checked across segments (JOURNAL_BROKEN).
 * With `resync` the first record is taken although it does not follow: how a reader goes on behind a hole.
 */
export async function readSince(
  dir: string,
  from: JournalPosition | undefined,
  resync = false,
  maxBytes = 4 * 1024 * 1024,
): Promise<JournalBatch | undefined> {
  const segments = await listSegments(dir)
  if (from !== undefined && !(await stillThere(segments, from))) {
    if (!resync)
      throw new TriptychError('JOURNAL_BROKEN', { path: dir, seq: from.seq, reason: 'what was read is gone' })
    return readSince(dir, undefined, resync, maxBytes)
  }
  const todo = segments.filter((segment) => from === undefined || segment.firstSeq >= from.segment)
  for (const segment of todo) {
    const here = from?.segment === segment.firstSeq ? from.offset : 0
    if ((await stat(segment.path)).size <= here) continue
    const follows = from === undefined || resync ? undefined : { hash: from.hash, seq: from.seq }
    const read = await readSegment(segment.path, { offset: here, follows, maxBytes, atBreak: resync ? 'skip' : 'stop' })
    const last = read.lines.at(-1)
    if (last === undefined) continue
    return {
      lines: read.lines,
      position: { segment: segment.firstSeq, offset: read.endOffset, seq: last.line.seq, hash: last.hash },
    }
  }
  return undefined
}

/** Journals only grow: a segment that is missing or shorter than what was read of it was taken away. */
async function stillThere(segments: readonly SegmentFile[], from: JournalPosition): Promise<boolean> {
  const own = segments.find((segment) => segment.firstSeq === from.segment)
  return own !== undefined && (await stat(own.path)).size >= from.offset
}
