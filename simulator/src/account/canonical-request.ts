// AWS Signature Version 4: the canonical request, the string to sign and the signature
// (AWS General Reference, "Create a signed AWS API request").
import { createHash, createHmac } from 'node:crypto'

/** What is signed, as it stands on the wire. */
export interface SignedParts {
  readonly method: string
  /** Path as sent, still percent-encoded. */
  readonly rawPath: string
  readonly rawQuery: string
  /** Lower-case name → value with duplicates joined by a comma. */
  readonly headers: ReadonlyMap<string, string>
  readonly signedHeaders: readonly string[]
  readonly payloadHash: string
}

/** date / region / service of a credential scope. */
export interface Scope {
  readonly date: string
  readonly region: string
  readonly service: string
}

/** Percent-encoding of RFC 3986 §2.3: all but the unreserved characters. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'))
  } catch {
    return text
  }
}

function canonicalQuery(rawQuery: string): string {
  const pairs = rawQuery.split('&').filter((pair) => pair !== '')
  const encoded = pairs.map((pair): [string, string] => {
    const cut = pair.indexOf('=')
    const name = cut < 0 ? pair : pair.slice(0, cut)
    return [encodeRfc3986(decode(name)), cut < 0 ? '' : encodeRfc3986(decode(pair.slice(cut + 1)))]
  })
  const order = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0)
  encoded.sort((x, y) => order(x[0], y[0]) || order(x[1], y[1]))
  return encoded.map(([name, value]) => `${name}=${value}`).join('&')
}

/** Every service but S3 encodes the already encoded path once more. */
function canonicalPath(rawPath: string, service: string): string {
  return service === 's3' ? rawPath : rawPath.split('/').map(encodeRfc3986).join('/')
}

/** The canonical request as text. */
export function canonicalRequest(parts: SignedParts, service: string): string {
  const names = [...parts.signedHeaders].sort()
  const lines = names.map((name) => `${name}:${(parts.headers.get(name) ?? '').trim().replaceAll(/ +/g, ' ')}\n`)
  return [
    parts.method,
    canonicalPath(parts.rawPath, service),
    canonicalQuery(parts.rawQuery),
    lines.join(''),
    names.join(';'),
    parts.payloadHash,
  ].join('\n')
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Lower-case hexadecimal SHA-256. */
export function sha256Hex(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The hexadecimal signature of a canonical request. */
export function signature(secret: string, scope: Scope, amzDate: string, canonical: string): string {
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', amzDate, scopeText, sha256Hex(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, scope.date), scope.region), scope.service), 'aws4_request')
  return hmac(key, toSign).toString('hex')
}
