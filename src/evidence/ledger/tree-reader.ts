import { TriptychError } from '../../platform/triptych-error.ts'
import type { Checkpoint } from './checkpoint.ts'
import { type LedgerEntry, parseEntry } from './entry.ts'
import { consistencyProof, inclusionProof, rangeRoot, type SubtreeRoot } from './make-proof.ts'
import { emptyRoot, hashBytes, rootOfHashes } from './merkle-hash.ts'
import { bundleEntries, hashTile, type TileReader } from './tile-files.ts'
import { tileWidth, widthOf } from './tile-path.ts'

const heightPerLevel = 8

/** Answers about the tree of one checkpoint, from tiles. Every method throws LEDGER_BROKEN where one is missing or not whole. */
export interface TreeReader {
  /** The root when the tree had this size, at most the checkpoint's. */
  rootAt(size: number): Promise<Buffer>
  inclusion(index: number): Promise<readonly Buffer[]>
  /** That the tree of `newSize`, by default the checkpoint's, began as that of `oldSize`. Throws QUERY_INVALID too. */
  consistency(oldSize: number, newSize?: number): Promise<readonly Buffer[]>
  entry(index: number): Promise<Buffer>
}

/** A reader of the tree that a checkpoint names. */
export function readTree(tiles: TileReader, { size }: Pick<Checkpoint, 'size'>): TreeReader {
  const subtree: SubtreeRoot = async (height, index) => {
    const level = Math.floor(height / heightPerLevel)
    const count = 2 ** (height % heightPerLevel)
    const first = index * count
    const n = Math.floor(first / tileWidth)
    const tile = await hashTile(tiles, { level, n, width: widthOf(level, n, size) })
    const from = (first % tileWidth) * hashBytes
    return rootOfHashes(tile.subarray(from, from + count * hashBytes))
  }
  return {
    rootAt: async (at) => (at === 0 ? emptyRoot : rangeRoot(subtree, 0, at)),
    inclusion: (index) => inclusionProof(subtree, index, size),
    async consistency(oldSize, newSize = size) {
      if (newSize > size) throw new TriptychError('QUERY_INVALID', { field: 'to', size })
      return consistencyProof(subtree, oldSize, newSize)
    },
    async entry(index) {
      const n = Math.floor(index / tileWidth)
      const entries = await bundleEntries(tiles, { level: 'entries', n, width: widthOf(0, n, size) })
      return entries[index % tileWidth] ?? Buffer.alloc(0)
    },
  }
}

/** Entries from bundle `n` on, bundle by bundle; undefined for one that is not of our form. */
export async function* entriesFrom(
  tiles: TileReader,
  n: number,
  size: number,
): AsyncGenerator<{ readonly first: number; readonly entries: readonly (LedgerEntry | undefined)[] }> {
  for (let at = n; at * tileWidth < size; at++) {
    const entries = await bundleEntries(tiles, { level: 'entries', n: at, width: widthOf(0, at, size) })
    yield { first: at * tileWidth, entries: entries.map((entry) => parseEntry(entry.toString('latin1'))) }
  }
}
