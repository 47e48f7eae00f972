import { TriptychError } from '../triptych-error.ts'
import { openPiece, type Piece } from './envelope.ts'
import { lastPiece, pieceFrom } from './last-piece.ts'
import type { ShippedBook } from './ship-book.ts'
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

/** The book of a source. */
export function bookOf({ place, source, book, key }: ShippedSource): ShippedBook {
  return { place, source, path: book, key }
}

/** The folder of a source's records. */
export function recordFolder(source: string): string {
  return `${source}/records`
}

/** Reads the piece that begins with record `first`; throws JOURNAL_PIECE_REFUSED when it is not what its name says. */
export async function readPiece(shipped: ShippedSource, first: number): Promise<Piece> {
  const piece = await exactPiece(shipped, first)
  if (piece === undefined) throw refused(shipped, first, 'gone')
  return piece
}

/**
 * The piece that holds a record; undefined when the place ends before it. Throws JOURNAL_PIECE_REFUSED for one that was cut, altered or
 * made with another key (`head`, `mac`, `name`), and when the record is missing between others (`gap`).
 */
export async function pieceHolding(shipped: ShippedSource, seq: number): Promise<Piece | undefined> {
  const exact = await exactPiece(shipped, seq)
  if (exact !== undefined) return exact
  const folder = recordFolder(shipped.source)
  const first = await lastPiece(upTo(shipped.place, pieceName(seq)), folder)
  const holding = first === undefined ? undefined : await exactPiece(shipped, first)
  if (holding !== undefined && holding.last >= seq) return holding
  if ((await pieceFrom(shipped.place, folder, seq)) === undefined) return undefined
  // It may have come while the others were looked for: they come in order, so if one stands behind it, it was there by now.
  const meanwhile = await exactPiece(shipped, seq)
  if (meanwhile === undefined) throw refused(shipped, seq, 'gap')
  return meanwhile
}

async function exactPiece(shipped: ShippedSource, first: number): Promise<Piece | undefined> {
  const { place, source, key } = shipped
  const bytes = await place.read(recordFolder(source), pieceName(first))
  const piece = bytes === undefined ? undefined : openPiece(key, bytes)
  if (piece === undefined) return undefined
  if (typeof piece === 'string') throw refused(shipped, first, piece)
  if (piece.kind !== 'records' || piece.source !== source || piece.first !== first)
    throw refused(shipped, first, 'name')
  return piece
}

function refused({ source }: ShippedSource, first: number, reason: string): TriptychError {
  return new TriptychError('JOURNAL_PIECE_REFUSED', { source, first, reason })
}

/** The place as it would be if nothing stood from `end` on. */
function upTo(place: ShipPlace, end: string): ShipPlace {
  return {
    ...place,
    async next(folder, after) {
      const name = await place.next(folder, after)
      return name !== undefined && name < end ? name : undefined
    },
  }
}
