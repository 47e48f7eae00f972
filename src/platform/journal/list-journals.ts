import { readdir } from 'node:fs/promises'
import { errnoOf } from '../triptych-error.ts'

/** The sources that have a journal below a directory; none when it does not exist yet. */
export async function listJournals(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return []
    throw cause
  })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}
