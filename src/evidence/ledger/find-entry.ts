import { type LedgerEntry, parseEntry } from './entry.ts'
import type { SourcePositions } from './source-positions.ts'
import { bundleEntries, type TileReader } from './tile-files.ts'
import { tileWidth, widthOf } from './tile-path.ts'
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

/** Behind `{"commit":"<64 hex>"`: every entry has its number and source at this offset. */
const seqOffset = 76

/**
 * Where one record stands, looked for by its bytes: a single question need not read what the other entries say. Throws LEDGER_BROKEN.
 */
export async function locateEntry(
  tiles: TileReader,
  positions: SourcePositions,
  size: number,
  { source, seq }: { readonly source: string; readonly seq: number },
): Promise<number | undefined> {
  const stretch = positions.stretchOf(source, seq)
  if (stretch === undefined) return undefined
  const wanted = Buffer.from(`,"seq":${seq},"source":"${source}",`)
  const end = Math.min(size, stretch.first + stretch.entries)
  for (let n = Math.floor(stretch.first / tileWidth); n * tileWidth < end; n++) {
    const entries = await bundleEntries(tiles, { level: 'entries', n, width: widthOf(0, n, size) })
    const at = entries.findIndex(
      (entry) =>
        entry.subarray(seqOffset, seqOffset + wanted.length).equals(wanted) &&
        parseEntry(entry.toString('latin1')) !== undefined,
    )
    if (at !== -1) return n * tileWidth + at
  }
  return undefined
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
