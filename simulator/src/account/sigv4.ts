import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { AwsError } from './aws-error.ts'

// AWS Signature Version 4, written from the signing documentation (AWS IAM user guide, "Create a signed AWS API request").

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string
  /** Raw path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What a signature says of its signer. */
export interface Signer {
  readonly accessKeyId: string
  readonly region: string
  readonly service: string
}

/** A secret and, for a session, its token. */
export interface Secret {
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const authorization =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
/** Five minutes for most services, fifteen for S3. */
const skewMs = 5 * 60_000
const s3SkewMs = 15 * 60_000

/** The signer a request claims, unverified: enough to route it. */
export function claimedSigner(headers: IncomingHttpHeaders): Signer | undefined {
  const [, accessKeyId, , region, service] = authorization.exec(headers.authorization ?? '') ?? []
  return accessKeyId === undefined || region === undefined || service === undefined
    ? undefined
    : { accessKeyId, region, service }
}

/** Verifies a signature at `now`. Throws the errors that AWS gives. */
export function verifySignature(
  request: WireRequest,
  secretOf: (accessKeyId: string) => Secret | undefined,
  now: number,
): Signer {
  const [, accessKeyId, day, region, service, signedHeaders, signature] =
    authorization.exec(request.headers.authorization ?? '') ?? []
  if (
    accessKeyId === undefined ||
    day === undefined ||
    region === undefined ||
    service === undefined ||
    signedHeaders === undefined ||
    signature === undefined
  ) {
    throw new AwsError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token')
  }
  const secret = secretOf(accessKeyId)
  if (secret === undefined)
    throw new AwsError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
  if (secret.sessionToken !== undefined && request.headers['x-amz-security-token'] !== secret.sessionToken) {
    throw new AwsError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
  }
  const date = String(request.headers['x-amz-date'] ?? '')
  if (Math.abs(parseDate(date) - now) > (service === 's3' ? s3SkewMs : skewMs))
    throw new AwsError(403, 'InvalidSignatureException', 'Signature expired')
  const payload = payloadHash(request, service)
  const expected = signatureOf({
    request,
    date,
    day,
    region,
    service,
    names: signedHeaders.split(';'),
    payload,
    secret: secret.secretAccessKey,
  })
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) {
    throw new AwsError(
      403,
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided.',
    )
  }
  return { accessKeyId, region, service }
}

/** Signs a request as a client would; returns the headers to send. */
export function signRequest(
  request: Omit<WireRequest, 'headers'> & { readonly headers: Readonly<Record<string, string>> },
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string },
  scope: { readonly region: string; readonly service: string },
  now: number,
): Record<string, string> {
  const date = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = date.slice(0, 8)
  const headers: Record<string, string> = { ...request.headers, 'x-amz-date': date }
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken
  const names = Object.keys(headers)
    .filter((name) => name !== 'user-agent')
    .sort()
  const signature = signatureOf({
    request: { ...request, headers },
    date,
    day,
    ...scope,
    names,
    payload: sha256(request.body),
    secret: credentials.secretAccessKey,
  })
  const credential = `${credentials.accessKeyId}/${day}/${scope.region}/${scope.service}/aws4_request`
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

interface ToSign {
  readonly request: WireRequest
  readonly date: string
  readonly day: string
  readonly region: string
  readonly service: string
  readonly names: readonly string[]
  readonly payload: string
  readonly secret: string
}

function signatureOf(parts: ToSign): string {
  const { request, date, day, region, service, names } = parts
  const [path = '/', query = ''] = request.url.split('?', 2)
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

function payloadHash(request: WireRequest, service: string): string {
  const declared = request.headers['x-amz-content-sha256']
  const actual = sha256(request.body)
  if (typeof declared !== 'string') return actual
  if (!/^[0-9a-f]{64}$/.test(declared)) return declared
  if (declared !== actual)
    throw new AwsError(
      service === 's3' ? 400 : 403,
      'XAmzContentSHA256Mismatch',
      'The provided x-amz-content-sha256 header does not match what was computed.',
    )
  return declared
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

function parseDate(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
