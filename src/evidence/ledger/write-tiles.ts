import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDir } from '../../platform/files.ts'
import { type TilePlace, tilePath, tileWidth } from './tile-path.ts'

/** A tile to write. */
export interface WrittenTile {
  readonly place: TilePlace
  readonly bytes: Buffer
}

const atOnce = 8

/** Writes tiles below `dir` and returns when files and directories are durable. Nothing that a checkpoint covers is among them. */
export async function writeTiles(dir: string, tiles: readonly WrittenTile[]): Promise<void> {
  const dirs = new Set<string>()
  for (const { place } of tiles) dirs.add(dirname(join(dir, tilePath(place))))
  const changed = new Set(dirs)
  for (const path of dirs) await makeDir(path, dir, changed)
  await eachOf(tiles, ({ place, bytes }) => writeDurably(join(dir, tilePath(place)), bytes))
  await eachOf([...changed], syncDir)
}

/** Removes the partial tiles of tiles that are full and covered by a checkpoint. */
export async function dropPartials(dir: string, full: readonly TilePlace[]): Promise<void> {
  await eachOf(full, (place) => {
    const partials = dirname(tilePath({ ...place, width: tileWidth - 1 }))
    return rm(join(dir, partials), { recursive: true, force: true })
  })
}

async function makeDir(path: string, root: string, changed: Set<string>): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  // New directories are entries of those above them.
  for (
    let above = dirname(path);
    above.length >= dirname(first).length && above.length >= root.length;
    above = dirname(above)
  )
    changed.add(above)
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.datasync()
  } finally {
    await file.close()
  }
}

async function eachOf<T>(all: readonly T[], task: (one: T) => Promise<void>): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < all.length) {
      const one = all[next++]
      if (one !== undefined) await task(one)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, work))
}
