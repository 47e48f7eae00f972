import type { IncomingMessage } from 'node:http'
import { type ClientRequest, type ClientResponse, cutOff, onClientGone } from './client-connection.ts'
import type { Delivery } from './dialects/dialect.ts'
import type { Meter } from './meter/meter.ts'

/** How handing an answer over ended, and what passed. */
export interface Delivered {
  readonly end: 'complete' | 'client_gone' | 'upstream_broke'
  /** Bytes that came from upstream. */
  readonly bytes: number
  readonly firstByteMs: number | undefined
  /** The longest silence between two pieces of the answer, ms. */
  readonly longestGapMs: number
  /** The client had left, and the answer was read to its end all the same. */
  readonly drained: boolean
}

/** How it is handed over. */
export interface DeliverOptions {
  /** When the call began, on the clock of `performance.now()`. */
  readonly startedMs: number
  /** Whether the answer is read to its end although the client has left; what then stays silent for a minute is let go. */
  readonly drain: boolean
}

/** An answer nobody waits for any more is let go after so much silence. */
export const drainIdleMs = 60_000

/**
 * Streams the answer to the client as it comes, unbuffered, while the meter reads along. A slow client slows the upstream down.
 * When the upstream breaks off, so does the client's connection: a cut answer must look cut.
 */
export function deliver(
  upstream: IncomingMessage,
  exchange: { readonly request: ClientRequest; readonly response: ClientResponse },
  delivery: Delivery,
  meter: Meter,
  options: DeliverOptions,
): Promise<Delivered> {
  return new Promise((resolve) => {
    const { request, response: client } = exchange
    const target = delivery.transform ?? client
    const flow = new Flow(options.startedMs)
    let settled = false
    let left = false
    let patience: NodeJS.Timeout | undefined
    let unwatch: () => void = () => undefined
    const settle = (end: Delivered['end'], drained = false) => {
      if (settled) return
      settled = true
      clearImmediate(head)
      unwatch()
      if (end === 'client_gone') {
        clearTimeout(patience)
        upstream.destroy()
        delivery.transform?.destroy()
      }
      resolve({ end, ...flow.seen(), drained })
    }
    const leave = () => {
      if (left || settled) return
      left = true
      if (!options.drain || upstream.destroyed) return settle('client_gone')
      patience = setTimeout(() => settle('client_gone'), drainIdleMs)
      upstream.resume()
    }
    client.writeHead(upstream.statusCode ?? 502, delivery.headers)
    // A head goes out at once, in one write with the bytes that came along with it: a write of its own costs as much as theirs.
    const head = setImmediate(() => client.flushHeaders?.())
    delivery.transform?.pipe(client)
    upstream.on('data', (chunk: Buffer) => {
      flow.note(chunk.length)
      meter.chunk(chunk)
      patience?.refresh()
      // What a transform was given may not be a whole frame yet.
      if (target === client) clearImmediate(head)
      if (!left && !target.write(chunk)) upstream.pause()
    })
    target.on('drain', () => upstream.resume())
    upstream.once('end', () => {
      if (!upstream.complete) return
      if (left) settle('client_gone', true)
      else target.end()
    })
    upstream.once('error', () => cutOff(client))
    upstream.once('close', () => {
      if (upstream.complete) return
      settle(left ? 'client_gone' : 'upstream_broke')
      delivery.transform?.destroy()
      cutOff(client)
    })
    // What a transform cannot make sense of must look cut as well.
    delivery.transform?.once('error', () => {
      settle('upstream_broke')
      upstream.destroy()
      cutOff(client)
    })
    // HTTP/2 says `finish` also when the client reset the stream: only an answer we ended is complete.
    client.once('finish', () => (client.writableEnded ? settle('complete') : leave()))
    unwatch = onClientGone(request, client, leave)
    if (settled) unwatch()
  })
}

/** What has passed so far, and when. */
class Flow {
  readonly #startedMs: number
  #bytes = 0
  #firstByteMs: number | undefined
  #lastMs = 0
  #longestGapMs = 0

  constructor(startedMs: number) {
    this.#startedMs = startedMs
  }

  note(bytes: number): void {
    const now = performance.now()
    if (this.#firstByteMs === undefined) this.#firstByteMs = Math.round(now - this.#startedMs)
    else this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastMs)
    this.#lastMs = now
    this.#bytes += bytes
  }

  seen(): Pick<Delivered, 'bytes' | 'firstByteMs' | 'longestGapMs'> {
    return { bytes: this.#bytes, firstByteMs: this.#firstByteMs, longestGapMs: Math.round(this.#longestGapMs) }
  }
}

/** Reads a short answer whole: AWS's error bodies. At most `limit` bytes are kept. */
export async function readAnswer(upstream: IncomingMessage, limit = 1024 * 1024): Promise<Buffer> {
  const giveUp = setTimeout(() => upstream.destroy(), shortAnswerMs)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of upstream) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
      size += bytes.length
      if (size <= limit) chunks.push(bytes)
    }
  } finally {
    clearTimeout(giveUp)
  }
  return Buffer.concat(chunks)
}

/** A short answer that is not whole by then breaks off. */
const shortAnswerMs = 30_000
