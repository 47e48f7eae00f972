import type { LedgerEntry } from './entry.ts'
import type { SourcePositions } from './source-positions.ts'
import type { TileReader } from './tile-files.ts'
import { tileWidth } from './tile-path.ts'
import { entriesFrom } from './tree-reader.ts'

/** Where a record stands in the log. */
export interface FoundEntry {
  readonly index: number
  readonly entry: LedgerEntry
}

/**
 * Finds entries of a log of this size. The marks only say where to look; what counts is the entry that is read there. Stretches are
 * kept while this function lives, so neighbours cost nothing. The function throws LEDGER_BROKEN.
 */
export function findEntry(
  tiles: TileReader,
  positions: SourcePositions,
  size: number,
): (source: string, seq: number) => Promise<FoundEntry | undefined> {
  let kept: { readonly first: number; readonly found: ReadonlyMap<string, FoundEntry> } | undefined
  return async (source, seq) => {
    const stretch = positions.stretchOf(source, seq)
    if (stretch === undefined) return undefined
    if (kept?.first !== stretch.first)
      kept = {
        first: stretch.first,
        found: await readStretch(tiles, stretch.first, Math.min(size, stretch.first + stretch.entries)),
      }
    return kept.found.get(`${source}/${seq}`)
  }
}

async function readStretch(tiles: TileReader, first: number, end: number): Promise<ReadonlyMap<string, FoundEntry>> {
  const found = new Map<string, FoundEntry>()
  for await (const bundle of entriesFrom(tiles, first / tileWidth, end)) {
    bundle.entries.forEach((entry, i) => {
      if (entry !== undefined) found.set(`${entry.source}/${entry.seq}`, { index: bundle.first + i, entry })
    })
    if (bundle.first + tileWidth >= end) break
  }
  return found
}
