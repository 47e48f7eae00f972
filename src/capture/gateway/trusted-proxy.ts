import { errors, jwtVerify } from 'jose'
import type { Clock } from '../../platform/clock.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { Principal } from '../../record/principal.ts'
import type { Caller } from './caller.ts'
import { readClaims } from './token-claims.ts'

/** A proxy that has signed people in and says who they are. */
export interface TrustedProxy {
  /** Under whose name its people are kept apart from those of other issuers. */
  readonly issuer: string
  /** A secret that both hold, at least 32 bytes: the proxy signs each request with it. */
  readonly secret: Uint8Array | undefined
  /** SHA-256 of client certificates by which the proxy proves itself, hexadecimal; then its plain headers are believed. */
  readonly fingerprints: readonly string[]
}

/** `Authorization`-like header with a JWT (HS256) of the shared secret: `sub`, `email`, `name`, `groups`, `team`, `project`, `iat`. */
const assertionHeader = 'x-triptych-assertion'
const audience = 'triptych-gateway'
/** An assertion is of this request, not of yesterday's. */
const longestAgeSeconds = 60
const toleranceSeconds = 30
const plainHeaders = {
  subject: 'x-forwarded-user',
  email: 'x-forwarded-email',
  groups: 'x-forwarded-groups',
} as const

/**
 * Who a trusted proxy says the caller is; undefined where the request does not come through one: then such headers mean nothing.
 * Throws CREDENTIAL_INVALID and CREDENTIAL_EXPIRED for an assertion that does not hold.
 */
export async function identifyByProxy(
  caller: Caller,
  proxy: TrustedProxy,
  clock: Clock,
): Promise<Principal | undefined> {
  const assertion = caller.headers[assertionHeader]
  if (typeof assertion === 'string' && proxy.secret !== undefined)
    return verifyAssertion(assertion, proxy.secret, proxy, clock)
  if (proxy.fingerprints.length === 0) return undefined
  const certificate = caller.certificate()
  if (certificate === undefined || !proxy.fingerprints.includes(certificate.fingerprint)) return undefined
  return plainIdentity(caller, proxy)
}

async function verifyAssertion(
  assertion: string,
  secret: Uint8Array,
  proxy: TrustedProxy,
  clock: Clock,
): Promise<Principal> {
  const { payload } = await jwtVerify(assertion, secret, {
    algorithms: ['HS256'],
    issuer: proxy.issuer,
    audience,
    maxTokenAge: longestAgeSeconds,
    clockTolerance: toleranceSeconds,
    currentDate: new Date(clock.now()),
    requiredClaims: ['sub', 'iat'],
  }).catch((cause: unknown) => {
    const code = cause instanceof errors.JWTExpired ? 'CREDENTIAL_EXPIRED' : 'CREDENTIAL_INVALID'
    const reason = cause instanceof errors.JOSEError ? cause.code : 'unknown'
    throw new TriptychError(code, { kind: 'trusted_proxy', reason }, cause)
  })
  const { text, label, list } = readClaims(payload)
  const subject = text('sub', 512)
  if (subject === undefined)
    throw new TriptychError('CREDENTIAL_INVALID', { kind: 'trusted_proxy', reason: 'no subject' })
  return {
    kind: 'person',
    credential: 'trusted_proxy',
    issuer: proxy.issuer,
    subject,
    email: text('email', 320),
    name: text('name'),
    groups: list('groups'),
    team: label('team'),
    project: label('project'),
    costCentre: label('cost_centre'),
  }
}

function plainIdentity({ headers }: Caller, proxy: TrustedProxy): Principal | undefined {
  const text = (name: string, longest: number) => {
    const value = headers[name]
    return typeof value === 'string' && value !== '' && value.length <= longest ? value : undefined
  }
  const subject = text(plainHeaders.subject, 512)
  // The proxy proved itself and names nobody: the call has no person, whatever else it carries.
  if (subject === undefined) throw new TriptychError('CREDENTIAL_MISSING', { reason: `no ${plainHeaders.subject}` })
  const groups = text(plainHeaders.groups, 16_384)?.split(',') ?? []
  return {
    kind: 'person',
    credential: 'trusted_proxy',
    issuer: proxy.issuer,
    subject,
    email: text(plainHeaders.email, 320),
    groups: groups
      .map((group) => group.trim())
      .filter((group) => group !== '' && group.length <= 256)
      .slice(0, 256),
  }
}
