import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  else if (found.trim() !== wanted) {
    throw new TriptychError('CONFIG_INVALID', {
      key: 'dataDir',
      reason: `holds records of a ${found.trim()} account; choose another for a ${wanted} one`,
    })
  }
}
