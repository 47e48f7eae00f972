import { constants } from 'node:fs'
import { access, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf, TriptychError } from './triptych-error.ts'

/** Makes a directory (0700: what lies below may name people) and proves that it can be written. */
export async function ensureWritableDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await access(path, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new TriptychError('DATA_DIR_UNWRITABLE', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
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

/** Makes a rename or a new file in this directory durable. */
export async function syncDir(path: string): Promise<void> {
  const dir = await open(path, 'r')
  try {
    await dir.sync()
  } finally {
    await dir.close()
  }
}
