import { open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ensureWritableDir, syncDir } from '../files.ts'
import { errnoOf, TriptychError } from '../triptych-error.ts'
import { openPiece, type Piece, sealPiece } from './envelope.ts'
import { lastPiece } from './last-piece.ts'
import { bytesOf } from './piece-records.ts'
import { longestPiece, pieceName, type ShipPlace } from './ship-place.ts'

// A file of lines that only grows (an alias book) goes along beside a journal: its pieces are named by the byte they begin at.

/** A growing file and its folder. */
export interface ShippedBook {
  readonly place: ShipPlace
  readonly source: string
  readonly path: string
  readonly key: Uint8Array
}

const mostBytes = 1024 * 1024

/** The folder of a source's book. */
export function bookFolder(source: string): string {
  return `${source}/identities`
}

/** Puts what the book has gained behind byte `from`; returns how far it is now. Throws JOURNAL_UNSHIPPED, JOURNAL_FORKED. */
export async function shipBook(book: ShippedBook, from: number): Promise<number> {
  const { place, source, path, key } = book
  const size = await sizeOf(path)
  let at = from
  while (at < size) {
    const bytes = await bytesOf(path, at, Math.min(size, at + mostBytes))
    const body = bytes.subarray(0, bytes.lastIndexOf(10) + 1)
    // Half a line is a write that goes on.
    if (body.length === 0) break
    const piece: Piece = { kind: 'identities', source, segment: 0, first: at, last: at + body.length - 1, body }
    if (await place.create(bookFolder(source), pieceName(at), sealPiece(key, piece))) at += body.length
    else at = await agreed(book, at)
  }
  return at
}

/** Where the place's last piece ends, if it says what the book says; 0 for none. Throws JOURNAL_FORKED, JOURNAL_UNSHIPPED. */
export async function locateBook(book: ShippedBook): Promise<number> {
  const last = await lastPiece(book.place, bookFolder(book.source))
  return last === undefined ? 0 : agreed(book, last)
}

async function agreed(book: ShippedBook, first: number): Promise<number> {
  const piece = await bookPiece(book, first)
  const here = Math.min(await sizeOf(book.path), piece.last + 1)
  if (here < piece.last + 1 || !(await bytesOf(book.path, first, here)).equals(piece.body))
    throw new TriptychError('JOURNAL_FORKED', { source: book.source, what: 'identities' })
  return here
}

async function bookPiece({ place, source, key }: ShippedBook, first: number): Promise<Piece> {
  const bytes = await place.read(bookFolder(source), pieceName(first))
  const piece = bytes === undefined ? 'gone' : openPiece(key, bytes)
  if (typeof piece === 'string' || piece.kind !== 'identities' || piece.source !== source || piece.first !== first)
    throw new TriptychError('JOURNAL_PIECE_REFUSED', { source, what: 'identities', first })
  return piece
}

/**
 * Adds to a book what the place has beyond it; returns how many pieces. What does not go on exactly where the book ends is refused.
 * Throws JOURNAL_PIECE_REFUSED, JOURNAL_UNSHIPPED.
 */
export async function takeBook(book: ShippedBook): Promise<number> {
  for (let pieces = 0; ; pieces++) {
    const size = await sizeOf(book.path)
    const bytes = size > longestPiece * 16 ? undefined : await book.place.read(bookFolder(book.source), pieceName(size))
    if (bytes === undefined) return pieces
    const { body, last } = await bookPiece(book, size)
    if (body.length !== last + 1 - size || body.at(-1) !== 10)
      throw new TriptychError('JOURNAL_PIECE_REFUSED', { source: book.source, what: 'identities', first: size })
    await appendAt(book.path, body, size)
  }
}

async function appendAt(path: string, body: Buffer, size: number): Promise<void> {
  await ensureWritableDir(dirname(path))
  const file = await open(path, size === 0 ? 'a' : 'r+', 0o600)
  try {
    await file.write(body, 0, body.length, size)
    await file.datasync()
  } finally {
    await file.close()
  }
  await syncDir(dirname(path))
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    (cause: unknown) => {
      if (errnoOf(cause) === 'ENOENT') return 0
      throw cause
    },
  )
}
