import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../platform/files.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { LedgerKey } from './ledger-key.ts'
import { openNote, signNote } from './signed-note.ts'
import { positionsSnapshot, SourcePositions } from './source-positions.ts'
import { keepTiles, type TileReader } from './tile-files.ts'
import { tileWidth } from './tile-path.ts'
import { entriesFrom, readTree } from './tree-reader.ts'

const positionsName = 'positions.json'
/** Not a key's name, for the space: nothing that begins with it can be taken for a checkpoint. */
const firstLine = 'triptych positions'

/** Keeps what a later start would have to read every entry for. */
export async function savePositions(
  dir: string,
  positions: SourcePositions,
  { root }: Checkpoint,
  { verifier, privateKey }: LedgerKey,
): Promise<void> {
  const text = `${firstLine}\n${JSON.stringify(positions.snapshot(root.toString('hex')))}\n`
  await writeFileAtomic(join(dir, positionsName), signNote(text, verifier, privateKey))
}

/**
 * From the snapshot, where the log's own key signed it for this very tree, and then entry by entry. What a snapshot says decides which
 * records are still to be entered, so one that anybody could write would keep records out of the log.
 */
export async function readPositions(
  dir: string,
  tiles: TileReader,
  checkpoint: Checkpoint,
  key: LedgerKey,
): Promise<SourcePositions> {
  const positions = (await snapshotOf(dir, tiles, checkpoint, key)) ?? new SourcePositions()
  const from = Math.floor(positions.size / tileWidth)
  for await (const { first, entries } of entriesFrom(tiles, from, checkpoint.size)) {
    for (const entry of entries.slice(Math.max(0, positions.size - first))) positions.add(entry)
  }
  return positions
}

async function snapshotOf(
  dir: string,
  tiles: TileReader,
  checkpoint: Checkpoint,
  { verifier }: LedgerKey,
): Promise<SourcePositions | undefined> {
  const note = await readFile(join(dir, positionsName), 'utf8').catch(() => '')
  const parsed = positionsSnapshot.safeParse(signedJson(note, verifier))
  if (!parsed.success || parsed.data.size > checkpoint.size) return undefined
  const root = await readTree(keepTiles(tiles), checkpoint).rootAt(parsed.data.size)
  return root.toString('hex') === parsed.data.root ? SourcePositions.from(parsed.data) : undefined
}

function signedJson(note: string, verifier: LedgerKey['verifier']): unknown {
  try {
    const [first, json = ''] = openNote(note, [verifier]).text.split('\n')
    return first === firstLine ? JSON.parse(json) : undefined
  } catch {
    return undefined
  }
}
