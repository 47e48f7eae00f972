import { readFile } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { writeFileAtomic } from '../platform/files.ts'
import { errnoOf, TriptychError } from '../platform/triptych-error.ts'

/** Whether a data directory was marked as a simulated account's. */
export async function isSimulatedDir(dataDir: string): Promise<boolean> {
  return (await readFile(join(dataDir, 'config', 'origin'), 'utf8').catch(() => '')).trim() === 'simulated'
}

/** A data directory holds records of a simulated account or of real ones, never both: marked at the first start, refused after. */
export async function checkOrigin(configDir: string, simulated: boolean): Promise<void> {
  const path = join(configDir, 'origin')
  const wanted = simulated ? 'simulated' : 'real'
  const found = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw cause
  })
  if (found === undefined) await writeFileAtomic(path, `${wanted}\n`)
  else if (found.trim() !== wanted) throw mixed(found.trim(), wanted)
}

/** Into the directory of a simulated account only what its simulator wrote is taken: it stands below it, or in its S3. */
export function refuseRealLogs(dataDir: string, path: string): void {
  const ofSimulator = path.startsWith('s3://') || resolve(path).startsWith(join(resolve(dataDir), 'simulator') + sep)
  if (!ofSimulator) throw mixed('simulated', 'real')
}

function mixed(holds: string, wanted: string): TriptychError {
  const reason = `holds records of a ${holds} account; choose another for a ${wanted} one (TRIPTYCH_DATADIR)`
  return new TriptychError('CONFIG_INVALID', { key: 'dataDir', reason })
}
