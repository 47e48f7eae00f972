import { lastSeqIn } from '../journal/seek-journal.ts'
import { TriptychError } from '../triptych-error.ts'
import { openShippedJournal } from './accept-piece.ts'
import { lastPiece } from './last-piece.ts'
import { bookOf, pieceHolding, readPiece, recordFolder, type ShippedSource } from './read-piece.ts'
import { takeBook } from './ship-book.ts'

/**
 * For the start of a gateway, before its journal is opened: what the place has and the machine has not is brought back, one piece at
 * a time, so that the journal goes on where it ended. On a machine without a journal that is the last segment alone; the book always
 * whole. Returns how many records. Throws JOURNAL_FORKED, JOURNAL_PIECE_REFUSED, JOURNAL_BROKEN, JOURNAL_UNSHIPPED.
 */
export async function bringBack(shipped: ShippedSource): Promise<number> {
  const { source } = shipped
  await takeBook(bookOf(shipped))
  const here = await lastSeqIn(shipped.dir)
  const last = await lastPiece(shipped.place, recordFolder(source), here + 1)
  const end = last === undefined ? undefined : await readPiece(shipped, last)
  if (end === undefined || end.last <= here) return 0
  // Its own chain is checked first, and a torn tail set aside.
  const journal = await openShippedJournal(shipped.dir, 'anywhere')
  let next = journal.lastSeq === 0 ? end.segment : journal.lastSeq + 1
  let records = 0
  while (journal.lastSeq < end.last) {
    const before = journal.lastSeq
    const piece = await pieceHolding(shipped, next)
    const became = piece === undefined ? 'gap' : await journal.accept(piece)
    if (became !== 'accepted') throw new TriptychError('JOURNAL_FORKED', { source, seq: next, reason: became })
    records += journal.lastSeq - Math.max(before, next - 1)
    next = journal.lastSeq + 1
  }
  return records
}
