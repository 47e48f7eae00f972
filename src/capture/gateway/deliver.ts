import type { IncomingMessage } from 'node:http'
import { type ClientRequest, type ClientResponse, cutOff, onClientGone } from './client-connection.ts'
import type { Delivery } from './dialects/dialect.ts'
import type { Meter } from './meter/meter.ts'

/** How handing an answer over ended, and what passed. */
export interface Delivered {
  readonly end: 'complete' | 'client_gone' | 'upstream_broke'
  readonly bytes: number
  readonly firstByteMs: number | undefined
}

/**
 * Streams the answer to the client as it comes, unbuffered, while the meter reads along. A slow client slows the upstream down.
 * When the upstream breaks off, so does the client's connection: a cut answer must look cut.
 */
export function deliver(
  upstream: IncomingMessage,
  exchange: { readonly request: ClientRequest; readonly response: ClientResponse },
  delivery: Delivery,
  meter: Meter,
  startedMs: number,
): Promise<Delivered> {
  return new Promise((resolve) => {
    const { request, response: client } = exchange
    let bytes = 0
    let firstByteMs: number | undefined
    let settled = false
    let unwatch: () => void = () => undefined
    const target = delivery.transform ?? client
    const settle = (end: Delivered['end']) => {
      if (settled) return
      settled = true
      unwatch()
      if (end === 'client_gone') {
        upstream.destroy()
        delivery.transform?.destroy()
      }
      resolve({ end, bytes, firstByteMs })
    }
    client.writeHead(upstream.statusCode ?? 502, delivery.headers)
    client.flushHeaders?.()
    delivery.transform?.pipe(client)
    upstream.on('data', (chunk: Buffer) => {
      firstByteMs ??= Math.round(performance.now() - startedMs)
      bytes += chunk.length
      meter.chunk(chunk)
      if (!target.write(chunk)) upstream.pause()
    })
    target.on('drain', () => upstream.resume())
    upstream.once('end', () => {
      if (upstream.complete) target.end()
    })
    upstream.once('error', () => cutOff(client))
    upstream.once('close', () => {
      if (upstream.complete) return
      settle('upstream_broke')
      delivery.transform?.destroy()
      cutOff(client)
    })
    // HTTP/2 says `finish` also when the client reset the stream: only an answer we ended is complete.
    client.once('finish', () => settle(client.writableEnded ? 'complete' : 'client_gone'))
    unwatch = onClientGone(request, client, () => settle('client_gone'))
    if (settled) unwatch()
  })
}

/** Reads a short answer whole: AWS's error bodies. At most `limit` bytes are kept. */
export async function readAnswer(upstream: IncomingMessage, limit = 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of upstream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    size += bytes.length
    if (size <= limit) chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}
