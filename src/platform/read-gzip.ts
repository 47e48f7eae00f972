import { crc32, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib'

// One gzip member (RFC 1952) and nothing else: Node's own gunzip goes on into whatever follows it.

/** How reading a gzip ended. */
export interface GzipReading {
  readonly fault: 'not_gzip' | 'truncated_gzip' | 'broken_gzip' | 'too_large' | undefined
  /** Bytes that follow the gzip's own end. */
  readonly trailing: number
  /** Bytes that were read. */
  readonly bytes: number
}

/** A file up to this size is unpacked at once, unless it unpacks to more than `atOnceUnpacked`. */
const atOnce = 262_144
const atOnceUnpacked = 4_194_304
const trailerBytes = 8

/** Reads a body as one gzip; what it holds goes to `onData`, never more than `most` bytes. Throws what reading the body throws. */
export async function readGzip(
  body: AsyncIterable<Uint8Array>,
  onData: (part: Buffer) => void,
  most = Number.POSITIVE_INFINITY,
): Promise<GzipReading> {
  const rest = body[Symbol.asyncIterator]()
  const { head, whole } = await readHead(rest)
  try {
    if (whole) {
      const read = unpackAtOnce(head, onData, most)
      if (read !== undefined) return read
    }
    return await unpackInParts(head, rest, onData, most)
  } finally {
    await rest.return?.()
  }
}

async function readHead(parts: AsyncIterator<Uint8Array>): Promise<{ readonly head: Buffer; readonly whole: boolean }> {
  const held: Uint8Array[] = []
  for (let bytes = 0; bytes <= atOnce; ) {
    const next = await parts.next()
    if (next.done === true) return { head: Buffer.concat(held), whole: true }
    held.push(next.value)
    bytes += next.value.length
  }
  return { head: Buffer.concat(held), whole: false }
}

/** Undefined when it unpacks to so much that it had better be done in parts. */
function unpackAtOnce(file: Buffer, onData: (part: Buffer) => void, most: number): GzipReading | undefined {
  const start = headerEnd(file)
  const bytes = file.length
  if (typeof start !== 'number') return { fault: start, trailing: 0, bytes }
  try {
    // The types know of no `info`, which tells how far the engine read.
    const unpacked: unknown = inflateRawSync(file.subarray(start), {
      info: true,
      maxOutputLength: Math.min(most, atOnceUnpacked),
    })
    if (!isUnpacked(unpacked)) return { fault: 'broken_gzip', trailing: 0, bytes }
    const { buffer, engine } = unpacked
    const end = start + engine.bytesWritten
    const check = checkTrailer(file.subarray(end, end + trailerBytes), crc32(buffer), buffer.length)
    if (check !== undefined) return { fault: check, trailing: 0, bytes }
    onData(buffer)
    return { fault: undefined, trailing: file.length - end - trailerBytes, bytes }
  } catch (cause) {
    if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') return undefined
    return { fault: codeOf(cause) === 'Z_BUF_ERROR' ? 'truncated_gzip' : 'broken_gzip', trailing: 0, bytes }
  }
}

/** Unpacks a part at a time: no more is held than a part and what it becomes. */
async function unpackInParts(
  head: Buffer,
  rest: AsyncIterator<Uint8Array>,
  onData: (part: Buffer) => void,
  most: number,
): Promise<GzipReading> {
  const start = headerEnd(head)
  if (typeof start !== 'number') return { fault: start, trailing: 0, bytes: head.length }
  const inflate = new PartInflate(onData, most)
  let bytes = head.length
  let tail = Buffer.alloc(0)
  let tailBytes = 0
  for (let part: Buffer | undefined = head.subarray(start); part !== undefined; part = await nextOf(rest)) {
    if (part.buffer !== head.buffer) bytes += part.length
    const unused = await inflate.write(part)
    tailBytes += unused.length
    if (tail.length < trailerBytes) tail = Buffer.concat([tail, unused.subarray(0, trailerBytes)])
    if (inflate.fault !== undefined) break
  }
  await inflate.end()
  const fault = inflate.fault ?? checkTrailer(tail, inflate.crc, inflate.length)
  return { fault, trailing: fault === undefined ? tailBytes - trailerBytes : 0, bytes }
}

async function nextOf(parts: AsyncIterator<Uint8Array>): Promise<Buffer | undefined> {
  const next = await parts.next()
  return next.done === true ? undefined : Buffer.from(next.value)
}

const pieceBytes = 65_536

class PartInflate {
  readonly #inflate: InflateRaw = createInflateRaw()
  readonly #over: Promise<void>
  #fed = 0
  crc = 0
  length = 0
  fault: GzipReading['fault']

  constructor(onData: (part: Buffer) => void, most: number) {
    this.#inflate.on('data', (data: Buffer) => {
      this.length += data.length
      if (this.length > most) this.fault ??= 'too_large'
      if (this.fault !== undefined) return
      this.crc = crc32(data, this.crc)
      onData(data)
    })
    this.#over = new Promise((resolve) => {
      this.#inflate.once('end', () => resolve())
      this.#inflate.once('error', (cause) => {
        this.fault ??= codeOf(cause) === 'Z_BUF_ERROR' ? 'truncated_gzip' : 'broken_gzip'
        resolve()
      })
    })
  }

  /** Returns what stands behind the end of the compressed data; the engine reads no further. */
  async write(part: Buffer): Promise<Buffer> {
    for (let at = 0; at < part.length && this.fault === undefined; at += pieceBytes) {
      const piece = part.subarray(at, at + pieceBytes)
      this.#fed += piece.length
      const written = new Promise<void>((resolve) => this.#inflate.write(piece, () => resolve()))
      await Promise.race([written, this.#over])
      const unread = this.#fed - this.#inflate.bytesWritten
      if (unread > 0 && this.fault === undefined) {
        this.#fed -= unread
        return part.subarray(at + piece.length - unread)
      }
    }
    return Buffer.alloc(0)
  }

  async end(): Promise<void> {
    this.#inflate.end()
    await this.#over
    this.#inflate.destroy()
  }
}

/** Where the compressed data begins; what is wrong where there is no whole header. */
function headerEnd(file: Buffer): number | 'not_gzip' | 'truncated_gzip' {
  if (file.length < 2 || file[0] !== 0x1f || file[1] !== 0x8b) return 'not_gzip'
  if (file.length < 18) return 'truncated_gzip'
  if (file[2] !== 8) return 'not_gzip'
  const flags = file[3] ?? 0
  // Reserved: whoever reads one that is set reads something else.
  if ((flags & 0xe0) !== 0) return 'not_gzip'
  let at = 10
  if ((flags & 4) !== 0) at += 2 + file.readUInt16LE(at)
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue
    const end = file.indexOf(0, at)
    if (end === -1) return 'truncated_gzip'
    at = end + 1
  }
  if ((flags & 2) !== 0) at += 2
  return at < file.length ? at : 'truncated_gzip'
}

function checkTrailer(trailer: Buffer, crc: number, length: number): GzipReading['fault'] {
  if (trailer.length < trailerBytes) return 'truncated_gzip'
  return trailer.readUInt32LE(0) === crc && trailer.readUInt32LE(4) === length % 2 ** 32 ? undefined : 'broken_gzip'
}

function isUnpacked(value: unknown): value is { buffer: Buffer; engine: { bytesWritten: number } } {
  return typeof value === 'object' && value !== null && 'buffer' in value && 'engine' in value
}

function codeOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
}
