import { createGunzip } from 'node:zlib'

/** Bytes, and at the end how the file ended. */
export interface Unzipped {
  readonly chunks: AsyncIterable<Buffer>
  /** Known once the chunks ended: what was wrong with the gzip, if anything. */
  fault(): GzipFault | undefined
}

/** How a gzip may be wrong. */
type GzipFault = 'truncated_gzip' | 'broken_gzip'

/** Input that is unpacked at a time; deflate makes at most about 1,000 times as much of it. */
const pieceBytes = 16_384

/** The content of a gzip (by its first two bytes, not by its name) or of a plain file; what was whole arrives in any case. */
export function unzip(bytes: AsyncIterable<Uint8Array>): Unzipped {
  let fault: GzipFault | undefined
  const read = async function* (): AsyncGenerator<Buffer> {
    let gunzip: PiecewiseGunzip | undefined
    let first = true
    for await (const part of withWholeHead(bytes)) {
      if (first && part[0] === 0x1f && part[1] === 0x8b) gunzip = new PiecewiseGunzip()
      first = false
      yield* gunzip === undefined ? [part] : await gunzip.write(part)
    }
    if (gunzip !== undefined) yield* await gunzip.end()
    fault = gunzip?.fault
  }
  return { chunks: read(), fault: () => fault }
}

/** The same bytes, the first part holding at least two of them if there are two. */
async function* withWholeHead(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  let started = false
  for await (const chunk of bytes) {
    const part: Buffer = started ? Buffer.from(chunk) : Buffer.concat([head, chunk])
    started ||= part.length >= 2
    if (started) yield part
    else head = part
  }
  if (!started && head.length > 0) yield head
}

/**
 * Gunzip that is emptied after every piece. A stream drops what it holds when it fails: with nothing held, a gzip that is
 * cut off loses nothing of what it said.
 */
class PiecewiseGunzip {
  readonly #gunzip = createGunzip()
  readonly #ended: Promise<void>
  #held: Buffer[] = []
  #over = false
  fault: GzipFault | undefined

  constructor() {
    this.#gunzip.on('data', (chunk: Buffer) => this.#held.push(chunk))
    this.#ended = new Promise<void>((resolve) => {
      this.#gunzip.once('end', () => resolve())
      this.#gunzip.once('error', (cause) => {
        this.fault = 'code' in cause && cause.code === 'Z_BUF_ERROR' ? 'truncated_gzip' : 'broken_gzip'
        resolve()
      })
    }).then(() => {
      this.#over = true
    })
  }

  /** What a part unpacks to; nothing after the gzip's own end, whatever follows there. */
  async write(part: Buffer): Promise<readonly Buffer[]> {
    for (let at = 0; at < part.length && !this.#over; at += pieceBytes) {
      const piece = part.subarray(at, at + pieceBytes)
      await this.#settled((done) => this.#gunzip.write(piece, done))
    }
    return this.#take()
  }

  /** What the end brings out. */
  async end(): Promise<readonly Buffer[]> {
    if (!this.#over) await this.#settled((done) => this.#gunzip.end(done))
    if (!this.#over) await this.#ended
    this.#gunzip.destroy()
    return this.#take()
  }

  /** Waits for a callback or the stream's end: behind its end a gzip stream forgets to call back. */
  #settled(act: (done: () => void) => void): Promise<void> {
    const called = new Promise<void>((resolve) => act(() => resolve()))
    return Promise.race([called, this.#ended])
  }

  #take(): readonly Buffer[] {
    const held = this.#held
    this.#held = []
    return held
  }
}
