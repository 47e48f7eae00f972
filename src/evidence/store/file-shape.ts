import { open } from 'node:fs/promises'
import { constants, gunzipSync } from 'node:zlib'

/** How the engine is to read a CloudTrail file. */
export interface FileShape {
  /** `{"Records":[…]}`; else a list or objects one after the other. */
  readonly envelope: boolean
  readonly compression: 'gzip' | 'none'
}

const headBytes = 4_096

/** By the first bytes, never by the name. */
export async function fileShape(path: string): Promise<FileShape> {
  const head = await readHead(path)
  const zipped = head[0] === 0x1f && head[1] === 0x8b
  const text = (zipped ? unzipHead(head) : head).toString('utf8')
  return { envelope: /^\uFEFF?\s*\{\s*"Records"\s*:/.test(text), compression: zipped ? 'gzip' : 'none' }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function unzipHead(head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch {
    // Broken from the start: the reader that keeps what is whole will say so.
    return Buffer.alloc(0)
  }
}
