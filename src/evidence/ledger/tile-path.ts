// C2SP tlog-tiles: where what lies.

/** Hashes of a full tile, entries of a full bundle. */
export const tileWidth = 256

/** A tile of hashes by its level, or a bundle of entries. */
export type TileLevel = number | 'entries'

/** A tile that a tree of some size has. */
export interface TilePlace {
  readonly level: TileLevel
  readonly n: number
  /** 1 to 256; below 256 a partial tile. */
  readonly width: number
}

/** `tile/<level>/<n>` with n in groups of three digits (`x001/x234/067`), and `.p/<width>` for a partial one. */
export function tilePath({ level, n, width }: TilePlace): string {
  const digits = String(n)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/\d{3}/g) ?? []
  const number = groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join('/')
  return `tile/${level}/${number}${width === tileWidth ? '' : `.p/${width}`}`
}

/** Whole hashes of a level in a tree of `size` leaves. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level)
}

/** The rightmost tiles of a tree that are partial, level by level; none where a level ends with a full tile. */
export function partialTiles(size: number): readonly TilePlace[] {
  const tiles: TilePlace[] = []
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const hashes = hashesAt(level, size)
    const width = hashes % tileWidth
    if (width > 0) tiles.push({ level, n: Math.floor(hashes / tileWidth), width })
  }
  return tiles
}

/** How wide tile `n` of a level is in a tree of `size` leaves; 0 where it has none. */
export function widthOf(level: number, n: number, size: number): number {
  return Math.max(0, Math.min(tileWidth, hashesAt(level, size) - n * tileWidth))
}
