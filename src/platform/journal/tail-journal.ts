import { stat } from 'node:fs/promises'
import { isTriptychError, TriptychError } from '../triptych-error.ts'
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
 * Reads what a journal has gained since `from`, about `maxBytes` at a time over any number of segments; undefined when nothing is new.
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
  const lines: PlacedLine[] = []
  let position = from
  let left = maxBytes
  for (const segment of segments) {
    if (from !== undefined && segment.firstSeq < from.segment) continue
    const read = await readOne(segment, from, { position, lines, resync, maxBytes: left })
    if (read === 'nothing') continue
    if (read === 'broken') break
    lines.push(...read.lines)
    position = read.position
    left -= read.bytes
    if (left <= 0 || read.more) break
  }
  return position === undefined || lines.length === 0 ? undefined : { lines, position }
}

interface ReadSoFar {
  readonly position: JournalPosition | undefined
  readonly lines: readonly PlacedLine[]
  readonly resync: boolean
  readonly maxBytes: number
}

interface OneSegment extends JournalBatch {
  readonly bytes: number
  /** Something stands behind what was read. */
  readonly more: boolean
}

/** `broken`: it does not follow what was read so far, which is an answer by itself; the next reading meets the break first. */
async function readOne(
  segment: SegmentFile,
  from: JournalPosition | undefined,
  soFar: ReadSoFar,
): Promise<OneSegment | 'nothing' | 'broken'> {
  const isFirst = soFar.lines.length === 0
  const offset = from?.segment === segment.firstSeq ? from.offset : 0
  const { size } = await stat(segment.path)
  if (size <= offset) return 'nothing'
  const mayJump = soFar.resync && isFirst
  try {
    const read = await readSegment(segment.path, {
      offset,
      follows: mayJump ? undefined : soFar.position,
      maxBytes: soFar.maxBytes,
      atBreak: mayJump ? 'skip' : 'stop',
    })
    const last = read.lines.at(-1)
    if (last === undefined) return isFirst ? 'nothing' : 'broken'
    const position = { segment: segment.firstSeq, offset: read.endOffset, seq: last.line.seq, hash: last.hash }
    return { lines: read.lines, position, bytes: read.endOffset - offset, more: read.endOffset < size }
  } catch (cause) {
    if (!isFirst && isTriptychError(cause, 'JOURNAL_BROKEN')) return 'broken'
    throw cause
  }
}

/** Journals only grow: a segment that is missing or shorter than what was read of it was taken away. */
async function stillThere(segments: readonly SegmentFile[], from: JournalPosition): Promise<boolean> {
  const own = segments.find((segment) => segment.firstSeq === from.segment)
  return own !== undefined && (await stat(own.path)).size >= from.offset
}
