import { mkdir, readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { ensureWritableDir } from '../files.ts'
import { TriptychError } from '../triptych-error.ts'
import { firstPrev, parseJournalLine } from './line.ts'
import { type PlacedLine, readSegment } from './read-segment.ts'
import { lastLineIn } from './seek-journal.ts'
import { listSegments, type SegmentFile } from './segment-files.ts'

/** Where a journal ends: the state from which it goes on. */
export interface JournalTail {
  readonly segment: SegmentFile | undefined
  readonly endOffset: number
  readonly lastSeq: number
  readonly lastHash: string
  /** The records of the last segment, for its owner to find what was left open. */
  readonly lines: readonly PlacedLine[]
  /** Bytes of a write that a crash cut off; they are kept aside in `<segment>.torn`. */
  readonly torn: number
}

const empty: JournalTail = { segment: undefined, endOffset: 0, lastSeq: 0, lastHash: firstPrev, lines: [], torn: 0 }

/**
 * Finds the end of the journal, reads its last segment back and cuts off a torn write. Throws JOURNAL_BROKEN, and touches nothing, when
 * the segment does not begin with the record it is named for, does not follow the one before it, or is broken before its end.
 */
export async function openTail(dir: string): Promise<JournalTail> {
  await ensureWritableDir(dir)
  const segments = await listSegments(dir)
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i]
    if (segment === undefined) continue
    const follows = await lastOf(segments[i - 1])
    const read = await readSegment(segment.path, { atBreak: 'stop', follows })
    const found = read.lines[0]?.line.seq ?? segment.firstSeq
    if (found !== segment.firstSeq)
      throw new TriptychError('JOURNAL_BROKEN', { path: segment.path, seq: found, reason: 'its beginning is missing' })
    const torn = await setTornBytesAside(segment, read.endOffset)
    const last = read.lines.at(-1)
    if (last !== undefined) {
      return {
        segment,
        endOffset: read.endOffset,
        lastSeq: last.line.seq,
        lastHash: last.hash,
        lines: read.lines,
        torn,
      }
    }
    await rename(segment.path, `${segment.path}.empty`)
  }
  return empty
}

/** The record that the last segment must follow; undefined where there is none, or none that can be told from its end alone. */
async function lastOf(segment: SegmentFile | undefined): Promise<{ hash: string; seq: number } | undefined> {
  const last = segment === undefined ? undefined : await lastLineIn(segment.path)
  return last === undefined ? undefined : { hash: last.hash, seq: last.line.seq }
}

/**
 * Bytes behind the last sound record that hold no record at all are what a crash left of a write; they are set aside. A record
 * among them means that something before it was altered: that is not for a writer to cut off.
 */
async function setTornBytesAside(segment: SegmentFile, endOffset: number): Promise<number> {
  const bytes = (await readFile(segment.path)).subarray(endOffset)
  if (bytes.length === 0) return 0
  // Without its line feed even a whole-looking record is a write that was cut off.
  const lines = bytes.toString('utf8').split('\n').slice(0, -1)
  if (lines.some((line) => parseJournalLine(line) !== undefined)) {
    throw new TriptychError('JOURNAL_BROKEN', { path: segment.path, endOffset, reason: 'altered before its end' })
  }
  await mkdir(`${segment.path}.torn`, { recursive: true, mode: 0o700 })
  await writeFile(`${segment.path}.torn/${endOffset}`, bytes, { mode: 0o600 })
  await truncate(segment.path, endOffset)
  return bytes.length
}
