import { EventStreamCodec } from '@smithy/eventstream-codec'

/** One event-stream message, its `:` headers as plain strings. */
export interface Frame {
  readonly messageType: string
  readonly eventType: string
  readonly exceptionType: string
  readonly payload: Uint8Array
}

const preludeBytes = 16
/** Headers at most 128 KB, payload at most 24 MB (AWS event-stream encoding). */
const longestFrame = 25 * 1024 * 1024
const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)

/** Cuts a byte stream into event-stream messages however the network chopped it. Throws on a bad CRC or length. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  /** Bytes that belong to a message not yet whole. */
  get pending(): number {
    return this.#rest.length
  }

  push(bytes: Uint8Array): readonly Frame[] {
    this.#rest = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes])
    const frames: Frame[] = []
    while (this.#rest.length >= 4) {
      const length = this.#rest.readUInt32BE(0)
      if (length < preludeBytes || length > longestFrame) throw new RangeError('frame length out of bounds')
      if (this.#rest.length < length) break
      frames.push(toFrame(codec.decode(this.#rest.subarray(0, length))))
      this.#rest = this.#rest.subarray(length)
    }
    return frames
  }
}

function toFrame(message: ReturnType<EventStreamCodec['decode']>): Frame {
  const header = (name: string) => {
    const value = message.headers[name]?.value
    return typeof value === 'string' ? value : ''
  }
  return {
    messageType: header(':message-type'),
    eventType: header(':event-type'),
    exceptionType: header(':exception-type') || header(':error-code'),
    payload: message.body,
  }
}
