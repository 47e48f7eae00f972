import { link, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureWritableDir, readIfThere, syncDir } from '../files.ts'
import { errnoOf, TriptychError } from '../triptych-error.ts'
import { longestPiece, type ShipPlace } from './ship-place.ts'

/** A directory: a mounted share, another disk. Its file system must know hard links: they are how a name is taken only once. */
export function directoryPlace(path: string): ShipPlace {
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      const reason = cause instanceof TriptychError ? String(cause.facts['reason']) : errnoOf(cause)
      throw new TriptychError('JOURNAL_UNSHIPPED', { kind: 'directory', reason: reason ?? 'unknown' }, cause)
    }
  }
  return {
    origin: path,
    sources: () =>
      told(async () => {
        const entries = await ifThere(readdir(path, { withFileTypes: true }), [])
        return entries
          .filter((entry) => entry.isDirectory())
          .map((entry) => entry.name)
          .sort()
      }),
    next: (folder, after) =>
      told(async () => {
        const names = await ifThere(readdir(join(path, folder)), [])
        return names.filter((name) => name > after).reduce<string | undefined>(earlier, undefined)
      }),
    read: (folder, name) =>
      told(async () => {
        const file = join(path, folder, name)
        const size = await ifThere(
          stat(file).then((found) => found.size),
          0,
        )
        if (size > longestPiece) throw new TriptychError('JOURNAL_UNSHIPPED', { reason: 'too long' })
        return readIfThere(file)
      }),
    create: (folder, name, bytes) => told(() => createWhole(join(path, folder), name, bytes)),
  }
}

/** A reader sees all of it or nothing, also when the writer dies in the middle: written aside, then linked to its name. */
async function createWhole(dir: string, name: string, bytes: Buffer): Promise<boolean> {
  await ensureWritableDir(dir)
  // Sorts before every piece, and is no name of one.
  const aside = join(dir, `.${name}.${process.pid}.${process.hrtime.bigint()}`)
  const file = await open(aside, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.datasync()
    await link(aside, join(dir, name))
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return false
    throw cause
  } finally {
    await file.close()
    await rm(aside, { force: true })
  }
  await syncDir(dir)
  return true
}

function earlier(found: string | undefined, name: string): string {
  return found === undefined || name < found ? name : found
}

async function ifThere<T>(found: Promise<T>, otherwise: T): Promise<T> {
  return found.catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return otherwise
    throw cause
  })
}
