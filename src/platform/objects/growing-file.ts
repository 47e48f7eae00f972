import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { parseJson } from '../json/parse-json.ts'

/** How far a growing file has been read. It is known by its inode and its first bytes: names change when a log is rotated. */
export interface FilePosition {
  /** Device and inode. */
  readonly file: string
  readonly offset: number
  /** SHA-256 of the first `headBytes`: a file that was cut to nothing and written anew is another one. */
  readonly head: string
  readonly headBytes: number
}

/** Whole lines that a file has gained, and how far it has been read with them. */
export interface Gain {
  readonly bytes: Buffer
  readonly position: FilePosition
}

/** How much is read at a time, and how long a line may be. */
export interface GainLimits {
  readonly pieceBytes: number
  readonly longestLine: number
}

const headBytesMost = 256
const newline = 0x0a
const gzipMagic = Buffer.from([0x1f, 0x8b])

/** Device and inode of an open file. */
export async function fileIdentity(handle: FileHandle): Promise<{ readonly file: string; readonly size: number }> {
  const found = await handle.stat({ bigint: true })
  return { file: `${found.dev}-${found.ino}`, size: Number(found.size) }
}

/** Whether a file is a gzip, by its first two bytes. */
export async function isGzip(handle: FileHandle): Promise<boolean> {
  return (await readAt(handle, 0, gzipMagic.length)).equals(gzipMagic)
}

/** Where reading a file begins: behind what was read, or at its beginning when it is another file than it was. */
export async function resumeAt(handle: FileHandle, size: number, before: FilePosition | undefined): Promise<number> {
  if (before === undefined || before.offset > size) return 0
  return (await headOf(handle, before.headBytes)) === before.head ? before.offset : 0
}

/** The position behind `offset` bytes of an open file. */
export async function positionAt(handle: FileHandle, file: string, offset: number): Promise<FilePosition> {
  const headBytes = Math.min(offset, headBytesMost)
  return { file, offset, head: await headOf(handle, headBytes), headBytes }
}

/**
 * What a file of lines holds from `offset` to the size it has now, in pieces of whole lines. A last line without its end is taken
 * when it is a whole JSON value, and else waits. A line over the longest comes as a piece of its own, cut off.
 */
export async function* gainsOf(
  handle: FileHandle,
  file: string,
  size: number,
  offset: number,
  limits: GainLimits,
): AsyncGenerator<Gain> {
  let from = offset
  let want = limits.pieceBytes
  while (from < size) {
    const bytes = await readAt(handle, from, Math.min(want, size - from))
    if (bytes.length === 0) return
    const whole = wholeLines(bytes, from + bytes.length >= size)
    if (whole === 0 && bytes.length < limits.longestLine) {
      if (from + bytes.length >= size) return
      want = Math.min(want * 4, limits.longestLine)
      continue
    }
    const taken = whole === 0 ? bytes.length : whole
    from += taken
    want = limits.pieceBytes
    yield { bytes: bytes.subarray(0, taken), position: await positionAt(handle, file, from) }
  }
}

/** How many bytes are whole lines. */
function wholeLines(bytes: Buffer, atEnd: boolean): number {
  const lines = bytes.lastIndexOf(newline) + 1
  if (!atEnd || lines === bytes.length) return lines
  const rest = parseJson(bytes.subarray(lines))
  return typeof rest === 'object' && rest !== null ? bytes.length : lines
}

async function headOf(handle: FileHandle, bytes: number): Promise<string> {
  return createHash('sha256')
    .update(await readAt(handle, 0, bytes))
    .digest('hex')
}

async function readAt(handle: FileHandle, from: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  let filled = 0
  while (filled < bytes) {
    const { bytesRead } = await handle.read(buffer, filled, bytes - filled, from + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
