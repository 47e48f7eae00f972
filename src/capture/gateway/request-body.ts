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

/**
 * Reads the body into memory, never to a file. A declared length over the limit is refused before a byte is read, a longer
 * body at the byte that passes it. Throws GATEWAY_BODY_TOO_LARGE, GATEWAY_BUSY, GATEWAY_BODY_INVALID (broken off).
 */
export async function readBody(
  request: ClientRequest,
  room: BytesInFlight,
): Promise<{ body: Buffer; release: () => void }> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBodyBytes) throw new TriptychError('GATEWAY_BODY_TOO_LARGE', { bytes: declared })
  let taken = 0
  const take = (bytes: number) => {
    room.take(bytes)
    taken += bytes
  }
  const release = () => {
    room.release(taken)
    taken = 0
  }
  try {
    take(declared)
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of request) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
      size += bytes.length
      if (size > maxBodyBytes) throw new TriptychError('GATEWAY_BODY_TOO_LARGE', { bytes: size })
      if (size > taken) take(size - taken)
      chunks.push(bytes)
    }
    return { body: chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, size), release }
  } catch (cause) {
    release()
    throw cause instanceof TriptychError
      ? cause
      : new TriptychError('GATEWAY_BODY_INVALID', { field: 'body', reason: 'broken off' }, cause)
  }
}
