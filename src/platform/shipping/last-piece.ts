import { beforePiece, firstOf, type ShipPlace } from './ship-place.ts'

/**
 * Where the last piece of a folder begins; undefined for an empty one. Bisected, because a bucket lists in one direction only: some
 * forty questions at most, whatever lies there.
 * @param hint where a search may begin that is likely to be short
 */
export async function lastPiece(place: ShipPlace, folder: string, hint = 0): Promise<number | undefined> {
  let last = (await pieceFrom(place, folder, hint)) ?? (await pieceFrom(place, folder, 0))
  if (last === undefined) return undefined
  let step = 1
  for (;;) {
    const further = await pieceFrom(place, folder, last + step)
    if (further === undefined) break
    last = further
    step *= 2
  }
  while (step >= 1) {
    const further = await pieceFrom(place, folder, last + step)
    if (further === undefined) step = Math.floor(step / 2)
    else last = further
  }
  return last
}

/** Where the first piece begins that begins at `first` or behind it; what is none of ours is stepped over. */
export async function pieceFrom(place: ShipPlace, folder: string, first: number): Promise<number | undefined> {
  let after = beforePiece(first)
  for (;;) {
    const name = await place.next(folder, after)
    if (name === undefined) return undefined
    const found = firstOf(name)
    if (found !== undefined) return found
    after = name
  }
}
