import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDir } from '../../platform/files.ts'

/** Bytes on the disk below a temporary name, whole and durable. */
export interface TakenIn {
  readonly temporary: string
  readonly sha256: string
  readonly bytes: number
}

const incomingPrefix = '.incoming-'

/** Removes what a killed process left half-written. Only for the one process that writes here, before it does. */
export async function clearIncoming(root: string): Promise<void> {
  const left = (await readdir(root)).filter((name) => name.startsWith(incomingPrefix))
  for (const name of left) await rm(join(root, name), { force: true })
}

/** Writes a stream, or a copy of a file, to a temporary file and hashes it on the way. Leaves nothing behind on an error. */
export async function takeIn(root: string, source: AsyncIterable<Uint8Array> | string): Promise<TakenIn> {
  const temporary = join(root, `${incomingPrefix}${process.pid}-${randomBytes(8).toString('hex')}`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    const written = await writeAll(file, typeof source === 'string' ? createReadStream(source) : source)
    await file.sync()
    await file.close()
    return { temporary, ...written }
  } catch (cause) {
    await file.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw cause
  }
}

async function writeAll(file: FileHandle, source: AsyncIterable<unknown>): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of source) {
    const part = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk))
    hash.update(part)
    bytes += part.length
    await file.writeFile(part)
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** Moves a temporary file to its place, read-only, and makes the move durable, new directories included. */
export async function settle(root: string, temporary: string, path: string): Promise<void> {
  const target = join(root, path)
  const first = await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  await chmod(temporary, 0o400)
  await rename(temporary, target)
  await syncDir(dirname(target))
  if (first === undefined) return
  for (let above = dirname(dirname(target)); above.length >= dirname(first).length; above = dirname(above)) {
    await syncDir(above)
  }
}
