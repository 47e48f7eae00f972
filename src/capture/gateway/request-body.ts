import { TriptychError } from '../../platform/triptych-error.ts'
import type { ClientRequest } from './client-connection.ts'

/** The most Bedrock takes in one request (AWS API reference, InvokeModel, body). */
export const maxBodyBytes = 25_000_000

/** Bounds the request bytes that one process holds at a time. */
export class BytesInFlight {
  readonly #limit: number
  #held = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get held(): number {
    return this.#held
  }

  /** Takes room, or throws GATEWAY_BUSY. The caller gives it back with `release`. */
  take(bytes: number): void {
    if (this.#held + bytes > this.#limit) throw new TriptychError('GATEWAY_BUSY', { retryAfterSeconds: 2 })
    this.#held += bytes
  }

  release(bytes: number): void {
    this.#held -= bytes
  }
}

/** A body that is there no more. */
export const noBytes: Buffer = Buffer.alloc(0)

/** The bytes of one request, for as long as they are needed. */
export interface HeldBody {
  readonly bytes: Buffer
  /** Forgets them and gives their room back; a second time is nothing. */
  release(): void
}

/**
 * Reads the body into memory, never to a file. A declared length over the limit is refused before a byte is read, a longer
 * body at the byte that passes it. Throws GATEWAY_BODY_TOO_LARGE, GATEWAY_BUSY, GATEWAY_BODY_INVALID (broken off).
 */
export async function readBody(request: ClientRequest, room: BytesInFlight): Promise<HeldBody> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBodyBytes) throw new TriptychError('GATEWAY_BODY_TOO_LARGE', { bytes: declared })
  let taken = 0
  const take = (bytes: number) => {
    room.take(bytes)
    taken += bytes
  }
  const held = {
    bytes: noBytes,
    release() {
      room.release(taken)
      taken = 0
      held.bytes = noBytes
    },
  }
  try {
    take(declared)
    await collect(
      request,
      (size) => {
        if (size > maxBodyBytes) throw new TriptychError('GATEWAY_BODY_TOO_LARGE', { bytes: size })
        if (size > taken) take(size - taken)
      },
      (bytes) => {
        held.bytes = bytes
      },
    )
    return held
  } catch (cause) {
    held.release()
    throw cause instanceof TriptychError
      ? cause
      : new TriptychError('GATEWAY_BODY_INVALID', { field: 'body', reason: 'broken off' }, cause)
  }
}

/**
 * All bytes; `grown` hears how many there are so far, and what it throws ends the reading. Rejects when the request breaks off. The
 * bytes go to `whole`, for the request's listeners keep whatever the promise resolved with until the answer is over.
 */
function collect(request: ClientRequest, grown: (size: number) => void, whole: (bytes: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let size = 0
    let over = false
    const fail = (cause: unknown) => {
      over = true
      chunks = []
      reject(cause)
    }
    request.on('data', (chunk: Buffer) => {
      if (over) return
      size += chunk.length
      try {
        grown(size)
        chunks.push(chunk)
      } catch (cause) {
        fail(cause)
      }
    })
    request.once('end', () => {
      if (over) return
      whole(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size))
      chunks = []
      resolve()
    })
    // Not once: a request may fail again when nobody reads it any more.
    request.on('error', fail)
    // Broken off without an error, as HTTP/2 does.
    request.once('close', () => fail(new RangeError('broken off')))
  })
}
