import type { Checkpoint } from './checkpoint.ts'
import { decodeBundle } from './entry-bundle.ts'
import type { Fault } from './fault.ts'
import { hashBytes, writeLeafHash } from './merkle-hash.ts'
import { bundleGone, isTileWrong, nameBundleFault, split, tileAltered } from './name-tree-fault.ts'
import type { TileReader } from './tile-files.ts'
import { partialTiles, type TilePlace, tilePath, tileWidth, widthOf } from './tile-path.ts'
import { type FullTile, TreeEdge } from './tree-edge.ts'

/** A log to go through: what its checkpoint says, and checkpoints of it that were kept. */
export interface TreeAudit {
  readonly tiles: TileReader
  readonly checkpoint: Checkpoint
  readonly kept: readonly Checkpoint[]
  /** Gets the entries, bundle by bundle, each held against its hash in the tree. */
  readonly onEntries: (first: number, entries: readonly Buffer[]) => void | Promise<void>
}

/**
 * Computes the whole tree again from its entries and holds it against every tile, the checkpoint's root and the kept ones. Stops at the
 * first tile that does not fit. Needs nothing but public data. Throws LEDGER_BROKEN for a file that cannot be read.
 */
export async function auditTree(audit: TreeAudit): Promise<readonly Fault[]> {
  const { size, root } = audit.checkpoint
  const edge = new TreeEdge()
  const faults = audit.kept.filter((kept) => kept.size > size).map((kept) => shorterThan(kept, size))
  const kept = audit.kept.filter((one) => one.size <= size).sort((a, b) => a.size - b.size)
  faults.push(...forksAt(edge, kept))
  for (let n = 0; n * tileWidth < size; n++) {
    const bundle = await readBundle(audit, n)
    if ('kind' in bundle) return [...faults, bundle]
    for (const leaf of bundle.leaves) {
      for (const full of edge.append(leaf)) {
        const fault = full.level === 0 ? undefined : await checkFullTile(audit.tiles, full)
        if (fault !== undefined) return [...faults, fault]
      }
      faults.push(...forksAt(edge, kept))
    }
    await audit.onEntries(n * tileWidth, bundle.entries)
  }
  const fault = await checkRightEdge(audit.tiles, edge)
  if (fault !== undefined) return [...faults, fault]
  return edge.root().equals(root) ? faults : [...faults, rootDiffers(audit.checkpoint)]
}

interface Bundle {
  readonly entries: readonly Buffer[]
  readonly leaves: readonly Buffer[]
}

async function readBundle(audit: TreeAudit, n: number): Promise<Bundle | Fault> {
  const { size } = audit.checkpoint
  const place: TilePlace = { level: 'entries', n, width: widthOf(0, n, size) }
  const bytes = await audit.tiles.read(place)
  if (bytes === undefined) return bundleGone(audit, place)
  const { entries, rest } = decodeBundle(bytes)
  const leaves = Buffer.allocUnsafe(Math.min(entries.length, tileWidth + 1) * hashBytes)
  for (const [i, entry] of entries.slice(0, tileWidth + 1).entries()) writeLeafHash(entry, leaves, i * hashBytes)
  const tile: TilePlace = { ...place, level: 0 }
  const expected = await audit.tiles.read(tile)
  if (expected === undefined)
    return { kind: 'missing', says: `the tile of hashes ${tilePath(tile)} is missing`, file: tilePath(tile) }
  if (expected.length !== place.width * hashBytes)
    return { kind: 'altered', says: `the tile of hashes ${tilePath(tile)} is not of its size`, file: tilePath(tile) }
  if (!leaves.equals(expected) || rest > 0) {
    const isWhole = entries.length === place.width && rest === 0
    return isWhole && (await isTileWrong(audit, place, expected)) ? tileAltered(tile) : nameBundleFault(audit, place)
  }
  return { entries, leaves: split(leaves) }
}

async function checkFullTile(tiles: TileReader, { level, n, hashes }: FullTile): Promise<Fault | undefined> {
  return checkTile(tiles, { level, n, width: tileWidth }, hashes)
}

async function checkRightEdge(tiles: TileReader, edge: TreeEdge): Promise<Fault | undefined> {
  for (const place of partialTiles(edge.size)) {
    const fault = await checkTile(tiles, place, edge.partial(Number(place.level)))
    if (fault !== undefined) return fault
  }
  return undefined
}

async function checkTile(tiles: TileReader, place: TilePlace, computed: Buffer): Promise<Fault | undefined> {
  const file = tilePath(place)
  const found = await tiles.read(place)
  if (found === undefined) return { kind: 'missing', says: `the tile of hashes ${file} is missing`, file }
  return found.equals(computed) ? undefined : tileAltered(place)
}

function forksAt(edge: TreeEdge, kept: Checkpoint[]): readonly Fault[] {
  const faults: Fault[] = []
  for (let next = kept[0]; next?.size === edge.size; next = kept[0]) {
    kept.shift()
    if (!edge.root().equals(next.root))
      faults.push({
        kind: 'forked',
        says: `the ledger is forked: its first ${next.size} entries are not those of the checkpoint that was kept`,
      })
  }
  return faults
}

function shorterThan(kept: Checkpoint, size: number): Fault {
  return {
    kind: 'truncated',
    says: `the ledger is truncated or rolled back: it has ${size} entries, a checkpoint that was kept names ${kept.size}`,
    index: size,
  }
}

function rootDiffers({ size }: Checkpoint): Fault {
  return {
    kind: 'altered',
    says: `the ledger is altered: its ${size} entries and tiles do not lead to the root that was signed`,
    file: 'checkpoint',
  }
}
