import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

// The canonical form of a request and the signature over it (AWS IAM user guide, "Create a signed AWS API request").

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string
  /** Raw path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Everything that a signature is made of. */
export interface ToSign {
  readonly request: WireRequest
  readonly date: string
  readonly day: string
  readonly region: string
  readonly service: string
  readonly names: readonly string[]
  readonly payload: string
  readonly secret: string
}

/** The signature over it, in hex. */
export function signatureOf(parts: ToSign): string {
  const { request, date, day, region, service, names } = parts
  const mark = request.url.indexOf('?')
  const path = mark === -1 ? request.url : request.url.slice(0, mark)
  const query = mark === -1 ? '' : request.url.slice(mark + 1)
  const headers = names.map((name) => `${name}:${headerText(request.headers[name])}\n`).join('')
  const canonical = [
    request.method,
    canonicalPath(path, service),
    canonicalQuery(query),
    headers,
    names.join(';'),
    parts.payload,
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', date, `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join('\n')
  let key: Buffer | string = `AWS4${parts.secret}`
  for (const step of [day, region, service, 'aws4_request']) key = createHmac('sha256', key).update(step).digest()
  return createHmac('sha256', key).update(toSign).digest('hex')
}

/** Every service but S3 encodes the already encoded path once more. */
function canonicalPath(path: string, service: string): string {
  return service === 's3' ? path : path.split('/').map(encode).join('/')
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  const pairs = query.split('&').map((pair) => {
    const at = pair.indexOf('=')
    const name = at === -1 ? pair : pair.slice(0, at)
    return [encode(decodeURIComponent(name)), encode(decodeURIComponent(at === -1 ? '' : pair.slice(at + 1)))] as const
  })
  return pairs
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function headerText(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replace(/ +/g, ' ')
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** SHA-256 in hex. */
export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
