import { join } from 'node:path'
import { readIfThere } from '../../platform/files.ts'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import { decodeBundle, encodeBundle } from './entry-bundle.ts'
import { hashBytes } from './merkle-hash.ts'
import { type TilePlace, tilePath, tileWidth } from './tile-path.ts'

/** Reads tiles of a log, wherever they lie. */
export interface TileReader {
  /** The file's bytes, or those of the full tile where the partial one is gone; undefined when neither exists. */
  read(place: TilePlace): Promise<Buffer | undefined>
}

/** Reads files below a directory; undefined where there is none. Throws LEDGER_BROKEN for what cannot be read. */
export function filesIn(dir: string): (path: string) => Promise<Buffer | undefined> {
  return (path) =>
    readIfThere(join(dir, path)).catch((cause: unknown) => {
      throw new TriptychError('LEDGER_BROKEN', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
    })
}

/** Tiles below a directory. */
export function tilesIn(dir: string): TileReader {
  return tilesFrom(filesIn(dir))
}

/** Tiles by path, from anywhere: where a partial tile is gone the full one holds the same. */
export function tilesFrom(read: (path: string) => Promise<Buffer | undefined>): TileReader {
  return {
    async read(place) {
      const found = await read(tilePath(place))
      if (found !== undefined || place.width === tileWidth) return found
      const full = await read(tilePath({ ...place, width: tileWidth }))
      return full === undefined ? undefined : cutTo(place, full)
    },
  }
}

/** Tiles that are asked for again and again are read once; at most `most` are kept, of those that `keeps` names. */
export function keepTiles(tiles: TileReader, most = 64, keeps: (place: TilePlace) => boolean = () => true): TileReader {
  const kept = new Map<string, Promise<Buffer | undefined>>()
  return {
    read(place) {
      if (!keeps(place)) return tiles.read(place)
      const path = tilePath(place)
      const found = kept.get(path) ?? tiles.read(place)
      kept.delete(path)
      kept.set(path, found)
      const oldest = kept.size > most ? kept.keys().next().value : undefined
      if (oldest !== undefined) kept.delete(oldest)
      const forget = () => void kept.delete(path)
      // What is not there, or cannot be read, may be later.
      found.then((bytes) => (bytes === undefined ? forget() : undefined), forget)
      return found
    },
  }
}

/** Full tiles never change once a checkpoint covers them, so the `most` last ones are kept for as long as this lives. */
export function keepFullTiles(tiles: TileReader, most = 256): TileReader {
  return keepTiles(tiles, most, (place) => place.width === tileWidth)
}

/** The tile, which must be there and whole. Throws LEDGER_BROKEN. */
export async function hashTile(tiles: TileReader, place: TilePlace): Promise<Buffer> {
  const bytes = await tiles.read(place)
  if (bytes?.length === place.width * hashBytes) return bytes
  throw broken(place, bytes === undefined ? 'missing' : 'not of its size')
}

/** The entries of a bundle, which must be there and whole. Throws LEDGER_BROKEN. */
export async function bundleEntries(tiles: TileReader, place: TilePlace): Promise<readonly Buffer[]> {
  const bytes = await tiles.read(place)
  if (bytes === undefined) throw broken(place, 'missing')
  const { entries, rest } = decodeBundle(bytes)
  if (entries.length !== place.width || rest > 0) throw broken(place, 'not of its size')
  return entries
}

function cutTo(place: TilePlace, full: Buffer): Buffer {
  if (place.level !== 'entries') return full.subarray(0, place.width * hashBytes)
  return encodeBundle(decodeBundle(full).entries.slice(0, place.width))
}

function broken(place: TilePlace, reason: string): TriptychError {
  return new TriptychError('LEDGER_BROKEN', { path: tilePath(place), reason })
}
