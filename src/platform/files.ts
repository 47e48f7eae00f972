import { constants } from 'node:fs'
import { access, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf, TriptychError } from './triptych-error.ts'

/** Makes a directory (0700: what lies below may name people) and proves that it can be written. */
export async function ensureWritableDir(path: string): Promise<void> {
  try {
    await makeDir(path)
    await access(path, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new TriptychError('DATA_DIR_UNWRITABLE', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
  }
}

/** Not `mkdir` with `recursive`: Node's goes round for ever below places such as /proc, where nothing can be made. */
async function makeDir(path: string, parentMissing = true): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (errnoOf(cause) !== 'ENOENT' || !parentMissing) throw cause
    await makeDir(dirname(path))
    await makeDir(path, false)
  }
}

/** Writes so that a reader sees the old file or the new one, never half: temporary name, fsync, rename, fsync of the directory. */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string, mode = 0o600): Promise<void> {
  const temporary = `${path}.${process.pid}.${process.hrtime.bigint()}.tmp`
  const file = await open(temporary, 'wx', mode)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } catch (cause) {
    await file.close()
    await rm(temporary, { force: true })
    throw cause
  }
  await file.close()
  await rename(temporary, path)
  await syncDir(dirname(path))
}

/** Writes a file that is not there yet, durably; false, and nothing is touched, when one is. */
export async function createFile(path: string, bytes: Uint8Array | string, mode = 0o600): Promise<boolean> {
  const file = await open(path, 'wx', mode).catch((cause: unknown) => {
    if (errnoOf(cause) === 'EEXIST') return undefined
    throw cause
  })
  if (file === undefined) return false
  try {
    await file.writeFile(bytes)
    await file.sync()
  } catch (cause) {
    await file.close()
    await rm(path, { force: true })
    throw cause
  }
  await file.close()
  await syncDir(dirname(path))
  return true
}

/** The bytes of a file; undefined when there is none. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR') return undefined
    throw cause
  })
}

/** The bytes of a file that somebody named, by option or configuration. Throws FILE_UNREADABLE with the path and the errno. */
export async function readNamedFile(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new TriptychError('FILE_UNREADABLE', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
  })
}

/** Makes a rename or a new file in this directory durable. */
export async function syncDir(path: string): Promise<void> {
  const dir = await open(path, 'r')
  try {
    await dir.sync()
  } finally {
    await dir.close()
  }
}
