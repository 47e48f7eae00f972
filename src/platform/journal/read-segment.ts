import { open } from 'node:fs/promises'
import { isTriptychError, TriptychError } from '../triptych-error.ts'
import { hashLine, type JournalLine, parseJournalLine } from './line.ts'

/** A record with the place it stands at. */
export interface PlacedLine {
  readonly line: JournalLine
  /** SHA-256 of the line as it is at rest. */
  readonly hash: string
  /** Byte offset just behind its line feed. */
  readonly endOffset: number
}

/** What a read of a segment found, up to the last whole line that was sound and wanted. */
export interface SegmentRead {
  readonly lines: readonly PlacedLine[]
  readonly endOffset: number
}

/** Where to begin, what must follow what, and what to do at a break. */
export interface SegmentReading {
  readonly offset?: number
  /** The record that the first one must follow; without it the first is taken as it is. */
  readonly follows?: { readonly hash: string; readonly seq: number } | undefined
  /** Stop behind the record that reaches this many bytes. */
  readonly maxBytes?: number
  /**
   * `refuse` (default): the whole read fails with JOURNAL_BROKEN. `stop`: what was sound before the break is the answer, and only
   * a break at the very first record fails. `skip`: as `stop`, and lines at the beginning that are no records are stepped over.
   */
  readonly atBreak?: 'refuse' | 'stop' | 'skip'
}

const chunkBytes = 1024 * 1024
const smallestChunk = 64 * 1024

/** Reads whole records, checking that each follows the one before. Throws JOURNAL_BROKEN, as `atBreak` says. */
export async function readSegment(path: string, reading: SegmentReading = {}): Promise<SegmentRead> {
  const { offset = 0, maxBytes = Number.POSITIVE_INFINITY, atBreak = 'refuse' } = reading
  const lines: PlacedLine[] = []
  let at = offset
  let rest = Buffer.alloc(0)
  let before = reading.follows
  const file = await open(path, 'r')
  try {
    while (at - offset < maxBytes) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(smallestChunk, maxBytes)))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at + rest.length)
      if (bytesRead === 0) break
      rest = rest.length === 0 ? chunk.subarray(0, bytesRead) : Buffer.concat([rest, chunk.subarray(0, bytesRead)])
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        const placed = place(
          rest.subarray(0, end),
          at + end + 1,
          before,
          path,
          atBreak === 'skip' && lines.length === 0,
        )
        at += end + 1
        rest = rest.subarray(end + 1)
        if (placed === undefined) continue
        lines.push(placed)
        before = { hash: placed.hash, seq: placed.line.seq }
        if (at - offset >= maxBytes) break
      }
    }
  } catch (cause) {
    if (!isAnswer(cause, atBreak, lines)) throw cause
  } finally {
    await file.close()
  }
  return { lines, endOffset: at }
}

/** Whether a break ends the reading with what was sound before it. */
function isAnswer(cause: unknown, atBreak: SegmentReading['atBreak'], lines: readonly PlacedLine[]): boolean {
  return atBreak !== 'refuse' && lines.length > 0 && isTriptychError(cause, 'JOURNAL_BROKEN')
}

function place(
  bytes: Buffer,
  endOffset: number,
  before: { readonly hash: string; readonly seq: number } | undefined,
  path: string,
  maySkip: boolean,
): PlacedLine | undefined {
  const line = parseJournalLine(bytes.toString('utf8'))
  if (line === undefined && maySkip) return undefined
  if (line === undefined) throw new TriptychError('JOURNAL_BROKEN', { path, endOffset, reason: 'not a record' })
  if (before !== undefined && (line.prev !== before.hash || line.seq !== before.seq + 1)) {
    throw new TriptychError('JOURNAL_BROKEN', { path, seq: line.seq, reason: 'does not follow its predecessor' })
  }
  return { line, hash: hashLine(bytes), endOffset }
}
