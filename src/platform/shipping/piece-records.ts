import { open } from 'node:fs/promises'
import { hashLine, type JournalLine, parseJournalLine } from '../journal/line.ts'
import { segmentPath } from '../journal/segment-files.ts'
import { type JournalPosition, readSince } from '../journal/tail-journal.ts'
import { TriptychError } from '../triptych-error.ts'
import type { Piece } from './envelope.ts'

/** How a segment begins; a piece never reaches over one. */
export const segmentOpened = 'segment.opened'

/** A piece as it is cut from a journal. */
export interface CutPiece {
  readonly piece: Piece
  /** Behind its last record. */
  readonly position: JournalPosition
  /** When its first record was written, RFC 3339. */
  readonly firstAt: string
}

/**
 * What the journal holds behind `from`, of one segment, about `maxBytes` of it and nothing behind record `upTo`: what is not known to
 * be durable may be cut off again. Undefined when there is nothing. Throws JOURNAL_BROKEN.
 */
export async function cutPiece(
  dir: string,
  source: string,
  from: JournalPosition | undefined,
  upTo: number,
  maxBytes: number,
): Promise<CutPiece | undefined> {
  const batch = await readSince(dir, from, false, maxBytes)
  const durable = batch?.lines.filter(({ line }) => line.seq <= upTo) ?? []
  const next = durable.findIndex(({ line }, i) => i > 0 && line.type === segmentOpened)
  const lines = next === -1 ? durable : durable.slice(0, next)
  const [first, last] = [lines[0], lines.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const begins = first.line.type === segmentOpened
  if (!begins && from === undefined) throw new TriptychError('JOURNAL_BROKEN', { path: dir, reason: 'no beginning' })
  const segment = begins ? first.line.seq : (from?.segment ?? 0)
  const start = begins ? 0 : (from?.offset ?? 0)
  const body = await bytesOf(segmentPath(dir, segment), start, last.endOffset)
  return {
    piece: { kind: 'records', source, segment, first: first.line.seq, last: last.line.seq, body },
    position: { segment, offset: last.endOffset, seq: last.line.seq, hash: last.hash },
    firstAt: first.line.at,
  }
}

/** Bytes `start` to `end` of a file; throws JOURNAL_BROKEN when it is shorter. */
export async function bytesOf(path: string, start: number, end: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(end - start)
    let done = 0
    while (done < bytes.length) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done)
      if (bytesRead === 0) throw new TriptychError('JOURNAL_BROKEN', { path, reason: 'shorter than it was' })
      done += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

/** A record of a piece; `start` is where its line begins in the body. */
export interface PieceRecord {
  readonly line: JournalLine
  readonly hash: string
  readonly start: number
}

/** The records of a piece, chained and numbered as it says; undefined when they are not. */
export function recordsOf(piece: Piece): readonly PieceRecord[] | undefined {
  const records: PieceRecord[] = []
  for (let start = 0; start < piece.body.length; ) {
    const end = piece.body.indexOf(10, start)
    const bytes = piece.body.subarray(start, Math.max(end, start))
    const line = parseJournalLine(bytes.toString('utf8'))
    const before = records.at(-1)
    if (end === -1 || line === undefined || line.source !== piece.source) return undefined
    if (line.seq !== piece.first + records.length || (before !== undefined && line.prev !== before.hash))
      return undefined
    if (before !== undefined && line.type === segmentOpened) return undefined
    records.push({ line, hash: hashLine(bytes), start })
    start = end + 1
  }
  return records.at(-1)?.line.seq === piece.last ? records : undefined
}
