import { lastSeqIn, positionBefore } from '../journal/seek-journal.ts'
import { type JournalPosition, readSince } from '../journal/tail-journal.ts'
import { TriptychError } from '../triptych-error.ts'
import { openShippedJournal, type ShippedJournal } from './accept-piece.ts'
import { openPiece, type Piece } from './envelope.ts'
import { lastPiece } from './last-piece.ts'
import { recordsOf, segmentOpened } from './piece-records.ts'
import { locateBook, type ShippedBook, takeBook } from './ship-book.ts'
import { pieceName, type ShipPlace } from './ship-place.ts'

/** A journal, its book, and the place both are put. */
export interface ShippedSource {
  readonly place: ShipPlace
  readonly source: string
  /** The journal's directory. */
  readonly dir: string
  /** The alias book's file. */
  readonly book: string
  readonly key: Uint8Array
}

/** How far a second place is: behind which record, and at which byte of the book. */
export interface ShippedTo {
  readonly position: JournalPosition | undefined
  readonly book: number
}

/** The folder of a source's records. */
export function recordFolder(source: string): string {
  return `${source}/records`
}

/** Finds how far the place is, from what lies there. Throws JOURNAL_FORKED when it is further than the journal or says otherwise, JOURNAL_UNSHIPPED. */
export async function locate(shipped: ShippedSource): Promise<ShippedTo> {
  const book = await locateBook(bookOf(shipped))
  const last = await lastPiece(shipped.place, recordFolder(shipped.source), (await lastSeqIn(shipped.dir)) + 1)
  if (last === undefined) return { position: undefined, book }
  return { position: await positionOf(shipped, await readPiece(shipped, last)), book }
}

/**
 * For the start of a gateway, before its journal is opened: what the place has and the machine has not is brought back, so that the
 * journal goes on where it ended. On a new machine that is the last segment and the book. Throws as `locate`.
 */
export async function bringBack(shipped: ShippedSource): Promise<number> {
  await takeBook(bookOf(shipped))
  const here = await lastSeqIn(shipped.dir)
  const last = await lastPiece(shipped.place, recordFolder(shipped.source), here + 1)
  const end = last === undefined ? undefined : await readPiece(shipped, last)
  if (end === undefined || end.last <= here) return 0
  // Its own chain is checked first: a torn tail is set aside before anything is added.
  const journal = await openShippedJournal(shipped.dir, 'anywhere')
  const pieces = here === 0 ? await lastSegment(shipped, end) : await piecesFrom(shipped, journal.lastSeq, end)
  for (const piece of pieces) await take(journal, piece)
  return journal.lastSeq - here
}

async function take(journal: ShippedJournal, piece: Piece): Promise<void> {
  const became = await journal.accept(piece)
  if (became !== 'accepted' && became !== 'known')
    throw new TriptychError('JOURNAL_FORKED', { source: piece.source, seq: piece.first, reason: became })
}

/** Backward from the end to the piece that begins a segment. */
async function lastSegment(shipped: ShippedSource, end: Piece): Promise<readonly Piece[]> {
  const pieces = [end]
  for (let piece = end; recordsOf(piece)?.[0]?.line.type !== segmentOpened && piece.first > 1; ) {
    piece = await readPiece(shipped, await pieceBefore(shipped, piece.first))
    pieces.unshift(piece)
  }
  return pieces
}

/** The pieces from the one that holds record `behind` + 1 to the end. */
async function piecesFrom(shipped: ShippedSource, behind: number, end: Piece): Promise<readonly Piece[]> {
  const pieces = [end]
  for (let piece = end; piece.first > behind + 1; ) {
    piece = await readPiece(shipped, await pieceBefore(shipped, piece.first))
    pieces.unshift(piece)
  }
  return pieces
}

/** Where the piece begins that ends right before `first`: the last one of a folder that ends there. */
async function pieceBefore({ place, source }: ShippedSource, first: number): Promise<number> {
  const folder = recordFolder(source)
  const until: ShipPlace = {
    ...place,
    async next(inFolder, after) {
      const name = await place.next(inFolder, after)
      return name !== undefined && name < pieceName(first) ? name : undefined
    },
  }
  const before = await lastPiece(until, folder)
  if (before === undefined) throw new TriptychError('JOURNAL_PIECE_REFUSED', { source, first, reason: 'gap' })
  return before
}

/** Reads one piece of records; throws JOURNAL_PIECE_REFUSED when it is not what its name says. */
export async function readPiece({ place, source, key }: ShippedSource, first: number): Promise<Piece> {
  const bytes = await place.read(recordFolder(source), pieceName(first))
  const piece = bytes === undefined ? 'gone' : openPiece(key, bytes)
  const reason = typeof piece === 'string' ? piece : 'name'
  if (typeof piece === 'string' || piece.kind !== 'records' || piece.source !== source || piece.first !== first)
    throw new TriptychError('JOURNAL_PIECE_REFUSED', { source, first, reason })
  return piece
}

/** Where the journal itself has the end of a piece; JOURNAL_FORKED when it does not, or has another record there. */
export async function positionOf({ dir, source }: ShippedSource, piece: Piece): Promise<JournalPosition> {
  const end = recordsOf(piece)?.at(-1)
  if (end === undefined)
    throw new TriptychError('JOURNAL_PIECE_REFUSED', { source, first: piece.first, reason: 'records' })
  const { seq } = end.line
  let position = await positionBefore(dir, seq)
  for (;;) {
    const batch = await readSince(dir, position, false, 1024 * 1024)
    const found = batch?.lines.findIndex(({ line }) => line.seq === seq) ?? -1
    const here = batch?.lines[found]
    if (batch === undefined || (here !== undefined && here.hash !== end.hash))
      throw new TriptychError('JOURNAL_FORKED', { source, seq })
    if (here === undefined) position = batch.position
    else {
      const opened = batch.lines.slice(0, found + 1).findLast(({ line }) => line.type === segmentOpened)
      const segment = opened?.line.seq ?? position?.segment ?? 1
      return { segment, offset: here.endOffset, seq, hash: here.hash }
    }
  }
}

/** The book of a source. */
export function bookOf({ place, source, book, key }: ShippedSource): ShippedBook {
  return { place, source, path: book, key }
}
