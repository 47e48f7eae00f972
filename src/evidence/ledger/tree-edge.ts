import { emptyRoot, hashBytes, nodeHash, rootOfHashes } from './merkle-hash.ts'
import { hashTile, type TileReader } from './tile-files.ts'
import { hashesAt, partialTiles, tileWidth } from './tile-path.ts'

/** A tile that has just become full. */
export interface FullTile {
  readonly level: number
  readonly n: number
  readonly hashes: Buffer
}

/** The right edge of a tree: the partial tile of every level, which is all that appending needs. */
export class TreeEdge {
  #size = 0
  readonly #levels: Buffer[] = []
  readonly #widths: number[] = []

  get size(): number {
    return this.#size
  }

  /** Adds one leaf by its hash; returns the tiles that it filled, lowest first. */
  append(leaf: Uint8Array): readonly FullTile[] {
    this.#makeLevel(0)
    this.#levels[0]?.set(leaf, (this.#widths[0] ?? 0) * hashBytes)
    this.#size += 1
    return this.#grown(0)
  }

  /** Hashes of the partial tile of a level; empty where the last one is full. */
  partial(level: number): Buffer {
    return Buffer.from(this.#levels[level]?.subarray(0, (this.#widths[level] ?? 0) * hashBytes) ?? [])
  }

  /** MTH of all leaves so far: what stands to the right is always the smaller subtree. */
  root(): Buffer {
    const peaks = this.#levels.toReversed().flatMap((tile, i) => peaksOf(tile, this.#widths.at(-1 - i) ?? 0))
    const last = peaks.pop()
    return last === undefined ? emptyRoot : peaks.reduceRight((root, peak) => nodeHash(peak, root), last)
  }

  /** The same edge once more, to try something on. */
  copy(): TreeEdge {
    const copy = new TreeEdge()
    copy.#size = this.#size
    copy.#levels.push(...this.#levels.map((tile) => Buffer.from(tile)))
    copy.#widths.push(...this.#widths)
    return copy
  }

  /** The edge of a tree that is on disk. Throws LEDGER_BROKEN. */
  static async read(tiles: TileReader, size: number): Promise<TreeEdge> {
    const edge = new TreeEdge()
    edge.#size = size
    for (let level = 0; hashesAt(level, size) > 0; level++) edge.#makeLevel(level)
    for (const place of partialTiles(size)) {
      const level = Number(place.level)
      edge.#levels[level]?.set(await hashTile(tiles, place))
      edge.#widths[level] = place.width
    }
    return edge
  }

  #grown(level: number): readonly FullTile[] {
    const width = (this.#widths[level] ?? 0) + 1
    this.#widths[level] = width % tileWidth
    const tile = this.#levels[level]
    if (width < tileWidth || tile === undefined) return []
    const hashes = Buffer.from(tile)
    this.#makeLevel(level + 1)
    this.#levels[level + 1]?.set(rootOfHashes(hashes), (this.#widths[level + 1] ?? 0) * hashBytes)
    return [{ level, n: hashesAt(level, this.#size) / tileWidth - 1, hashes }, ...this.#grown(level + 1)]
  }

  #makeLevel(level: number): void {
    if (this.#levels[level] !== undefined) return
    this.#levels[level] = Buffer.alloc(tileWidth * hashBytes)
    this.#widths[level] = 0
  }
}

/** Roots of the complete subtrees that a partial tile of this width is made of, left to right. */
function peaksOf(tile: Buffer, width: number): readonly Buffer[] {
  const peaks: Buffer[] = []
  let from = 0
  for (let count = tileWidth / 2; count >= 1; count /= 2) {
    if (from + count > width) continue
    peaks.push(rootOfHashes(tile.subarray(from * hashBytes, (from + count) * hashBytes)))
    from += count
  }
  return peaks
}
