import { lastSeqIn, positionBefore } from '../journal/seek-journal.ts'
import { type JournalPosition, readSince } from '../journal/tail-journal.ts'
import { TriptychError } from '../triptych-error.ts'
import type { Piece } from './envelope.ts'
import { lastPiece } from './last-piece.ts'
import { recordsOf } from './piece-records.ts'
import { bookOf, readPiece, recordFolder, type ShippedSource } from './read-piece.ts'
import { locateBook } from './ship-book.ts'

/** How far a second place is: behind which record, and at which byte of the book. */
export interface ShippedTo {
  readonly position: JournalPosition | undefined
  readonly book: number
}

/**
 * Finds how far the place is, from what lies there. Throws JOURNAL_FORKED when it is further than the journal or says otherwise,
 * JOURNAL_PIECE_REFUSED, JOURNAL_UNSHIPPED.
 */
export async function locate(shipped: ShippedSource): Promise<ShippedTo> {
  const book = await locateBook(bookOf(shipped))
  const last = await lastPiece(shipped.place, recordFolder(shipped.source), (await lastSeqIn(shipped.dir)) + 1)
  if (last === undefined) return { position: undefined, book }
  return { position: await positionOf(shipped, await readPiece(shipped, last)), book }
}

/** Where the journal itself has the end of a piece; JOURNAL_FORKED when it does not, or has another record there. */
export async function positionOf({ dir, source }: ShippedSource, piece: Piece): Promise<JournalPosition> {
  const { first, segment } = piece
  const end = recordsOf(piece)?.at(-1)
  if (end === undefined) throw new TriptychError('JOURNAL_PIECE_REFUSED', { source, first, reason: 'records' })
  const { seq } = end.line
  let position = await positionBefore(dir, seq)
  for (;;) {
    const batch = await readSince(dir, position, false, 1024 * 1024)
    const here = batch?.lines.find(({ line }) => line.seq === seq)
    if (batch === undefined || (here !== undefined && here.hash !== end.hash))
      throw new TriptychError('JOURNAL_FORKED', { source, seq, reason: 'another record' })
    if (here !== undefined) return { segment, offset: here.endOffset, seq, hash: here.hash }
    position = batch.position
  }
}
