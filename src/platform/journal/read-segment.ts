import { open } from 'node:fs/promises'
import { TriptychError } from '../triptych-error.ts'
import { hashLine, type JournalLine, parseJournalLine } from './line.ts'

/** A record with the place it stands at. */
export interface PlacedLine {
  readonly line: JournalLine
  /** SHA-256 of the line as it is at rest. */
  readonly hash: string
  /** Byte offset just behind its line feed. */
  readonly endOffset: number
}

/** What a read of a segment found. `torn` counts bytes after the last whole line: the write that a crash cut off. */
export interface SegmentRead {
  readonly lines: readonly PlacedLine[]
  readonly endOffset: number
  readonly torn: number
}

const chunkBytes = 1024 * 1024

/**
 * Reads whole records from `offset` on, at most about `maxBytes`. `expected` is the hash and seq that the first must follow;
 * without it the first record is taken as it is. Throws JOURNAL_BROKEN at the first that does not follow. With `skipBroken`
 * lines before the first good one that are no records are stepped over.
 */
export async function readSegment(
  path: string,
  offset = 0,
  expected?: { readonly hash: string; readonly seq: number },
  maxBytes = Number.POSITIVE_INFINITY,
  skipBroken = false,
): Promise<SegmentRead> {
  const lines: PlacedLine[] = []
  let at = offset
  let rest = Buffer.alloc(0)
  let before = expected
  const file = await open(path, 'r')
  try {
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes)
      const { bytesRead } = await file.read(chunk, 0, chunkBytes, at + rest.length)
      if (bytesRead === 0) break
      rest = rest.length === 0 ? chunk.subarray(0, bytesRead) : Buffer.concat([rest, chunk.subarray(0, bytesRead)])
      let end = rest.indexOf(10)
      while (end !== -1) {
        const placed = place(rest.subarray(0, end), at + end + 1, before, path, skipBroken && lines.length === 0)
        if (placed !== undefined) {
          lines.push(placed)
          before = { hash: placed.hash, seq: placed.line.seq }
        }
        at += end + 1
        rest = rest.subarray(end + 1)
        end = rest.indexOf(10)
      }
      if (at - offset >= maxBytes) break
    }
  } finally {
    await file.close()
  }
  return { lines, endOffset: at, torn: rest.length }
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
