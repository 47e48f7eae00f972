import type { Checkpoint } from './checkpoint.ts'
import { decodeBundle } from './entry-bundle.ts'
import type { Fault } from './fault.ts'
import { hashBytes, leafHash, rootOfHashes } from './merkle-hash.ts'
import { nameDifference } from './name-difference.ts'
import type { TileReader } from './tile-files.ts'
import { type TilePlace, tilePath, tileWidth, widthOf } from './tile-path.ts'
import { readTree } from './tree-reader.ts'

/** Where the fault was found: the tiles and the checkpoint that they ought to lead to. */
export interface FaultyLog {
  readonly tiles: TileReader
  readonly checkpoint: Checkpoint
}

/** Entries and their tile of hashes differ: the one that does not lead on to what stands above it is the wrong one. */
export async function isTileWrong(
  { tiles, checkpoint }: FaultyLog,
  place: TilePlace,
  hashes: Buffer,
): Promise<boolean> {
  if (place.width < tileWidth) {
    // Where something above is missing too, the entries are named.
    const root = await readTree(tiles, checkpoint)
      .rootAt(checkpoint.size)
      .catch(() => checkpoint.root)
    return !root.equals(checkpoint.root)
  }
  const n = Math.floor(place.n / tileWidth)
  const above = await tiles.read({ level: 1, n, width: widthOf(1, n, checkpoint.size) })
  const at = (place.n % tileWidth) * hashBytes
  return above !== undefined && !above.subarray(at, at + hashBytes).equals(rootOfHashes(hashes))
}

/** Which entry differs from the tree, and how: two bundles tell a change from a shift. */
export async function nameBundleFault(log: FaultyLog, place: TilePlace): Promise<Fault> {
  const { size } = log.checkpoint
  const actual: string[] = []
  const expected: string[] = []
  for (const n of [place.n, place.n + 1]) {
    const width = widthOf(0, n, size)
    if (width === 0) continue
    const bundle = await log.tiles.read({ level: 'entries', n, width })
    const tile = await log.tiles.read({ level: 0, n, width })
    actual.push(...decodeBundle(bundle ?? Buffer.alloc(0)).entries.map((entry) => leafHash(entry).toString('hex')))
    expected.push(...split(tile ?? Buffer.alloc(0)).map((hash) => hash.toString('hex')))
  }
  const atEnd = (place.n + 2) * tileWidth >= size
  const named = nameDifference({ expected, actual, atEnd }) ?? { kind: 'altered' as const, at: place.width - 1 }
  const isCopy = named.kind === 'inserted' && (await stands(log.tiles, actual[named.at] ?? '', place.n))
  const { kind, at } = isCopy ? { ...named, kind: 'repeated' as const } : named
  const index = place.n * tileWidth + at
  const n = Math.floor(index / tileWidth)
  const file = tilePath({ level: 'entries', n, width: widthOf(0, n, size) || place.width })
  const says =
    kind === 'truncated'
      ? `the ledger is truncated: ${file} ends before entry ${index}, the checkpoint names ${size} entries`
      : `entry ${index} of the ledger is ${kind}: ${file} does not hold what the tree committed to`
  return { kind, says, file, index }
}

/** Whether a leaf stands in one of the tiles before tile `n`. */
async function stands(tiles: TileReader, leaf: string, n: number): Promise<boolean> {
  for (let before = 0; before < n; before++) {
    const tile = await tiles.read({ level: 0, n: before, width: tileWidth })
    if (split(tile ?? Buffer.alloc(0)).some((hash) => hash.toString('hex') === leaf)) return true
  }
  return false
}

/** A bundle that is not there: the log ends early, or lost a piece. */
export async function bundleGone({ tiles, checkpoint }: FaultyLog, place: TilePlace): Promise<Fault> {
  const file = tilePath(place)
  const index = place.n * tileWidth
  const last = Math.floor((checkpoint.size - 1) / tileWidth)
  const lastBundle = await tiles.read({ level: 'entries', n: last, width: widthOf(0, last, checkpoint.size) })
  return lastBundle === undefined
    ? {
        kind: 'truncated',
        says: `the ledger ends before entry ${index}, its checkpoint names ${checkpoint.size}: ${file} is missing`,
        file,
        index,
      }
    : { kind: 'missing', says: `entries from ${index} on are missing: ${file} is not there`, file, index }
}

/** A tile that does not fit what is below it. */
export function tileAltered(place: TilePlace): Fault {
  const file = tilePath(place)
  return { kind: 'altered', says: `the tile of hashes ${file} does not follow from the entries below it`, file }
}

/** Hashes that stand one behind the other. */
export function split(hashes: Buffer): readonly Buffer[] {
  return Array.from({ length: Math.floor(hashes.length / hashBytes) }, (_, i) =>
    hashes.subarray(i * hashBytes, (i + 1) * hashBytes),
  )
}
