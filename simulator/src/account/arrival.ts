// One HTTP request as it came in, whole, before anybody decides what it is.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gatewayNetwork } from './estate.ts'

/** A request with its body read. */
export interface Arrival {
  readonly at: number
  readonly requestId: string
  readonly method: string
  readonly rawPath: string
  readonly rawQuery: string
  readonly query: URLSearchParams
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  /** The body was longer than any service takes, and was not kept. */
  readonly tooLarge: boolean
  readonly source: NetworkSource
  readonly response: ServerResponse
}

/** Where AWS would have seen the request come from. */
export interface NetworkSource {
  readonly ip: string
  readonly vpcEndpointId?: string
}

/** An answer that is complete. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** The most bytes that are read of one request. */
export const readLimitBytes = 64 * 1024 * 1024

function headersOf(message: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>()
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    const name = (message.rawHeaders[i] ?? '').toLowerCase()
    const value = message.rawHeaders[i + 1] ?? ''
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before},${value}`)
  }
  return headers
}

/** Loopback has one address; `x-sim-source` says which one AWS would have seen. */
function sourceOf(headers: ReadonlyMap<string, string>): NetworkSource {
  const said = headers.get('x-sim-source')
  if (said !== undefined) return { ip: said }
  return { ip: gatewayNetwork.sourceIp, vpcEndpointId: gatewayNetwork.vpcEndpointId }
}

/** Reads a request to its end. */
export async function readArrival(
  message: IncomingMessage,
  response: ServerResponse,
  at: number,
  requestId: string,
): Promise<Arrival> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of message) {
    const bytes = Buffer.from(part)
    size += bytes.length
    if (size <= readLimitBytes) parts.push(bytes)
  }
  const target = message.url ?? '/'
  const cut = target.indexOf('?')
  const rawQuery = cut < 0 ? '' : target.slice(cut + 1)
  const headers = headersOf(message)
  return {
    at,
    requestId,
    method: message.method ?? 'GET',
    rawPath: cut < 0 ? target : target.slice(0, cut),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers,
    body: size > readLimitBytes ? Buffer.alloc(0) : Buffer.concat(parts),
    tooLarge: size > readLimitBytes,
    source: sourceOf(headers),
    response,
  }
}
