import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { AwsError } from './aws-error.ts'
import { sha256, signatureOf, type WireRequest } from './canonical-request.ts'
import { refused } from './refusals.ts'

// AWS Signature Version 4, written from the signing documentation (AWS IAM user guide, "Create a signed AWS API request").

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
const services = ['bedrock', 'cloudtrail', 's3', 'sts']

/** The signer a request claims, unverified: enough to route it. */
export function claimedSigner(headers: IncomingHttpHeaders): Signer | undefined {
  const [, accessKeyId, , region, service] = authorization.exec(headers.authorization ?? '') ?? []
  return accessKeyId === undefined || region === undefined || service === undefined
    ? undefined
    : { accessKeyId, region, service }
}

/** Verifies a signature of now, any of these moments (ms). Throws the errors that AWS gives. */
export function verifySignature(
  request: WireRequest,
  secretOf: (accessKeyId: string) => Secret | undefined,
  now: readonly number[],
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
    throw refused('bedrock', 'missing')
  }
  if (!services.includes(service)) throw refused(service, 'scope')
  const secret = secretOf(accessKeyId)
  if (secret === undefined) throw refused(service, 'unknown-key')
  if (secret.sessionToken !== undefined && request.headers['x-amz-security-token'] !== secret.sessionToken)
    throw refused(service, 'bad-token')
  const date = String(request.headers['x-amz-date'] ?? '')
  const tolerance = service === 's3' ? s3SkewMs : skewMs
  const fresh = now.some((moment) => Math.abs(parseDate(date) - moment) <= tolerance)
  // A date that is none compares as not fresh.
  if (!fresh || !date.startsWith(day)) throw refused(service, 'stale')
  const names = signedHeaders.split(';')
  if (!Object.keys(request.headers).every((name) => !mustBeSigned(name) || names.includes(name)))
    throw refused(service, 'mismatch')
  const expected = signatureOf({
    request,
    date,
    day,
    region,
    service,
    names,
    payload: payloadHash(request, service),
    secret: secret.secretAccessKey,
  })
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) throw refused(service, 'mismatch')
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

/** The host and AWS's own headers; the trace id alone is added on the way. */
function mustBeSigned(name: string): boolean {
  return name === 'host' || (name.startsWith('x-amz') && name !== 'x-amzn-trace-id')
}

function payloadHash(request: WireRequest, service: string): string {
  const declared = request.headers['x-amz-content-sha256']
  const actual = sha256(request.body)
  if (typeof declared !== 'string') return actual
  // S3 alone takes bodies that are unsigned or signed in chunks.
  if (!/^[0-9a-f]{64}$/.test(declared)) return service === 's3' ? declared : actual
  if (declared !== actual)
    throw new AwsError(
      service === 's3' ? 400 : 403,
      'XAmzContentSHA256Mismatch',
      'The provided x-amz-content-sha256 header does not match what was computed.',
    )
  return declared
}

function parseDate(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z'))
}
