import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../platform/files.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { type Checkpoint, openCheckpoint, signCheckpoint } from './checkpoint.ts'
import type { LedgerKey } from './ledger-key.ts'
import { emptyRoot } from './merkle-hash.ts'
import { readPositions } from './saved-positions.ts'
import { bundleEntries, filesIn, tilesIn } from './tile-files.ts'
import { tileWidth } from './tile-path.ts'
import { TreeEdge } from './tree-edge.ts'

/** The newest checkpoint, below the log's directory. */
export const checkpointName = 'checkpoint'
/** The public verifier key, beside it. */
export const verifierName = 'log.vkey'

/** Reads the state of a log from its directory, or begins one with a checkpoint of size 0. Throws LEDGER_BROKEN, CONFIG_INVALID. */
export async function openLog(dir: string, key: LedgerKey) {
  await keepVerifier(dir, key)
  const checkpoint = await newestCheckpoint(dir, key)
  const tiles = tilesIn(dir)
  const edge = await TreeEdge.read(tiles, checkpoint.size)
  if (!edge.root().equals(checkpoint.root))
    throw new TriptychError('LEDGER_BROKEN', {
      size: checkpoint.size,
      reason: 'its tiles do not lead to its checkpoint',
    })
  const width = checkpoint.size % tileWidth
  const n = Math.floor(checkpoint.size / tileWidth)
  const tail = width === 0 ? [] : await bundleEntries(tiles, { level: 'entries', n, width })
  return { checkpoint, edge, tail, positions: await readPositions(dir, tiles, checkpoint, key) }
}

/** Removes what a crash left of files that were to be put in place whole. Only for the one process that writes here, before it does. */
export async function clearTemporaries(dir: string): Promise<void> {
  for (const name of await readdir(dir))
    if (/^[a-z.]+\.\d+\.\d+\.tmp$/.test(name)) await rm(join(dir, name), { force: true })
}

/** A log has one key for ever: with another, nobody who knows the old one could follow. */
async function keepVerifier(dir: string, { verifier }: LedgerKey): Promise<void> {
  const path = join(dir, verifierName)
  const known = (await filesIn(dir)(verifierName))?.toString('utf8')
  if (known === undefined) return writeFileAtomic(path, `${verifier.text}\n`, 0o644)
  if (known.trim() !== verifier.text)
    throw new TriptychError('CONFIG_INVALID', {
      key: 'ledger.origin',
      reason:
        'ledger/log.vkey is of another name or key: an origin is for ever, and config/ledger.key must be the one it began with',
    })
}

async function newestCheckpoint(dir: string, { verifier, privateKey }: LedgerKey): Promise<Checkpoint> {
  const note = (await filesIn(dir)(checkpointName))?.toString('utf8')
  if (note === undefined) {
    if ((await readdir(dir)).includes('tile'))
      throw new TriptychError('LEDGER_BROKEN', { reason: 'tiles without a checkpoint' })
    const first = signCheckpoint(0, emptyRoot, verifier, privateKey)
    await writeFileAtomic(join(dir, checkpointName), first.note)
    return first
  }
  try {
    return openCheckpoint(note, verifier)
  } catch (cause) {
    throw new TriptychError('LEDGER_BROKEN', { path: checkpointName, reason: 'its signature does not hold' }, cause)
  }
}
