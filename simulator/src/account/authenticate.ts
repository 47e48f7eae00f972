// Who is calling: SigV4 or a Bedrock API key, checked as AWS's edge does.
import { timingSafeEqual } from 'node:crypto'
import type { Arrival } from './arrival.ts'
import { AwsError } from './aws-error.ts'
import { canonicalRequest, type Scope, sha256Hex, signature } from './canonical-request.ts'
import { parseCompact } from './clock.ts'
import { accountId, allRoles, allUsers, homeRegion, type IamRole, type IamUser } from './estate.ts'
import type { IssuedSession, SessionBook } from './session-book.ts'

/** A principal that IAM has recognised. */
export type Caller = { readonly region: string; readonly bearer: boolean; readonly accessKeyId: string } & (
  | { readonly kind: 'user'; readonly user: IamUser }
  | { readonly kind: 'session'; readonly role: IamRole; readonly session: IssuedSession }
)

/** Signatures may be this far from the account's clock. */
export const signatureSkewMs = 5 * 60_000

const authorizationForm =
  /^AWS4-HMAC-SHA256 +Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, *SignedHeaders=([a-z0-9;_-]+), *Signature=([0-9a-f]{64})$/

/** The credential scope a request claims, before anything is checked. */
export function claimedScope(headers: ReadonlyMap<string, string>): (Scope & { accessKeyId: string }) | undefined {
  const match = authorizationForm.exec(headers.get('authorization') ?? '')
  if (match === null) return undefined
  const [, accessKeyId = '', date = '', region = '', service = ''] = match
  return { accessKeyId, date, region, service }
}

const edge = (code: string, message: string, status = 403): AwsError => new AwsError(code, status, message, true)

function badSignature(): AwsError {
  return edge(
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  )
}

type Known = { secret: string; caller: (region: string) => Caller }

function lookUp(accessKeyId: string, arrival: Arrival, sessions: SessionBook): Known {
  const user = allUsers.find((candidate) => candidate.keys.accessKeyId === accessKeyId)
  if (user !== undefined) {
    const caller = (region: string): Caller => ({ kind: 'user', user, region, bearer: false, accessKeyId })
    return { secret: user.keys.secretAccessKey, caller }
  }
  const session = sessions.find(accessKeyId)
  const role = allRoles.find((candidate) => candidate.name === session?.roleName)
  if (session === undefined || role === undefined || arrival.headers.get('x-amz-security-token') !== session.sessionToken) {
    throw edge('UnrecognizedClientException', 'The security token included in the request is invalid.')
  }
  if (arrival.at >= session.expiresAt) {
    throw edge('ExpiredTokenException', 'The security token included in the request is expired')
  }
  const caller = (region: string): Caller => ({ kind: 'session', role, session, region, bearer: false, accessKeyId })
  return { secret: session.secretAccessKey, caller }
}

function payloadHash(arrival: Arrival): string {
  const said = arrival.headers.get('x-amz-content-sha256')
  const actual = sha256Hex(arrival.body)
  if (said === undefined) return actual
  if (said === 'UNSIGNED-PAYLOAD' || said.startsWith('STREAMING-')) return said
  if (said !== actual) throw badSignature()
  return said
}

function checkDate(amzDate: string, scope: Scope, now: number): void {
  const signedAt = parseCompact(amzDate)
  if (signedAt === undefined || !amzDate.startsWith(scope.date)) {
    throw edge('IncompleteSignatureException', 'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP', 400)
  }
  if (Math.abs(now - signedAt) > signatureSkewMs) {
    throw edge('InvalidSignatureException', `Signature expired: ${amzDate} is now earlier than the accepted window (5 min.)`)
  }
}

/** Checks an AWS Signature Version 4: key known, token right, time near, headers and payload as signed. */
export function authenticateSigV4(arrival: Arrival, sessions: SessionBook): Caller {
  const match = authorizationForm.exec(arrival.headers.get('authorization') ?? '')
  if (match === null) throw edge('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', given = ''] = match
  const known = lookUp(accessKeyId, arrival, sessions)
  const amzDate = arrival.headers.get('x-amz-date') ?? ''
  const scope = { date, region, service }
  checkDate(amzDate, scope, arrival.at)
  const signedHeaders = names.split(';')
  const mustSign = [...arrival.headers.keys()].filter((name) => name === 'host' || name.startsWith('x-amz-'))
  if (mustSign.some((name) => !signedHeaders.includes(name))) throw badSignature()
  const canonical = canonicalRequest({ ...arrival, signedHeaders, payloadHash: payloadHash(arrival) }, service)
  const wanted = signature(known.secret, scope, amzDate, canonical)
  if (!timingSafeEqual(Buffer.from(wanted), Buffer.from(given))) throw badSignature()
  return known.caller(region)
}

/** The Bedrock API key a request carries (bearer, or `x-api-key` on the Anthropic route). */
export function bearerOf(headers: ReadonlyMap<string, string>): string | undefined {
  const authorization = headers.get('authorization') ?? ''
  if (authorization.startsWith('Bearer ')) return authorization.slice(7)
  return headers.get('x-api-key')
}

function regionOfHost(host: string | undefined): string {
  return /^bedrock(?:-runtime)?\.([a-z0-9-]+)\./.exec(host ?? '')?.[1] ?? homeRegion
}

/** Checks a long-term Bedrock API key. The region comes from the host name; on loopback it is the home region. */
export function authenticateBearer(key: string, headers: ReadonlyMap<string, string>): Caller {
  const user = allUsers.find((candidate) => candidate.bearer === key)
  if (user === undefined) throw edge('AccessDeniedException', 'Authentication failed: Please make sure your API Key is valid.')
  return { kind: 'user', user, region: headers.get('x-sim-region') ?? regionOfHost(headers.get('host')), bearer: true, accessKeyId: '' }
}

/** The ARN that CloudTrail and invocation logs give a caller. */
export function arnOf(caller: Caller): string {
  if (caller.kind === 'user') return caller.user.arn
  return `arn:aws:sts::${accountId}:assumed-role/${caller.role.name}/${caller.session.sessionName}`
}

/** What the caller's policies allow. */
export function allowsOf(caller: Caller): readonly string[] {
  return caller.kind === 'user' ? caller.user.allows : caller.role.allows
}
