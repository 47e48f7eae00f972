import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { labelPattern, type Principal } from '../../record/principal.ts'
import { rememberVerified } from './verified-tokens.ts'

/** An identity provider as configured. */
export interface OidcIssuer {
  readonly issuer: string
  readonly audience: string
  /** Where its keys are; by default what its discovery document says (OpenID Connect Discovery 1.0 §4). */
  readonly jwksUri?: string | undefined
  /** Claims that name team and project. */
  readonly teamClaim: string
  readonly projectClaim: string
  readonly costCentreClaim: string
  readonly groupsClaim: string
  /** Claims that list among which values a caller may choose by a header; none by default. */
  readonly choiceClaims: Readonly<Partial<Record<'team' | 'project' | 'costCentre', string | undefined>>>
}

/** Verifies tokens of the configured issuers. */
export interface OidcVerifier {
  verify(token: string): Promise<Principal>
}

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const clockToleranceSeconds = 30
/** A provider that did not answer is not asked again before this. */
const discoveryCooldownMs = 5000
const longestToken = 16 * 1024
const issuerClaim = z.object({ iss: z.string() })
const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() })

/**
 * Signature, issuer, audience and times are checked by jose; `now` comes from the clock. Throws CREDENTIAL_INVALID,
 * CREDENTIAL_EXPIRED or CREDENTIAL_UNCHECKED, never with anything of the token.
 */
export function createOidcVerifier(issuers: readonly OidcIssuer[], clock: Clock): OidcVerifier {
  const byIssuer = new Map(issuers.map((issuer) => [issuer.issuer, { issuer, keys: lazyKeys(issuer) }]))
  return {
    verify: rememberVerified(async (token) => {
      const known = token.length > longestToken ? undefined : byIssuer.get(claimedIssuer(token))
      if (known === undefined)
        throw new TriptychError('CREDENTIAL_INVALID', { kind: 'oidc', reason: 'issuer not configured' })
      const keys = await known.keys()
      const { payload } = await jwtVerify(token, keys, {
        issuer: known.issuer.issuer,
        audience: known.issuer.audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(clock.now()),
        requiredClaims: ['sub', 'exp'],
      }).catch(refuse)
      if (typeof payload.sub !== 'string' || payload.sub === '')
        throw new TriptychError('CREDENTIAL_INVALID', { kind: 'oidc', reason: 'no subject' })
      return {
        principal: principalOf(payload, known.issuer),
        expiresAt: ((payload.exp ?? 0) + clockToleranceSeconds) * 1000,
      }
    }, clock),
  }
}

const unreachable: ReadonlySet<string> = new Set([
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JOSEError.code,
])

function refuse(cause: unknown): never {
  // What is not about the token is about the provider: its keys could not be fetched in time, or are no key set.
  if (!(cause instanceof errors.JOSEError) || unreachable.has(cause.code))
    throw new TriptychError('CREDENTIAL_UNCHECKED', { kind: 'oidc', reason: 'keys not reachable' }, cause)
  const code = cause instanceof errors.JWTExpired ? 'CREDENTIAL_EXPIRED' : 'CREDENTIAL_INVALID'
  throw new TriptychError(code, { kind: 'oidc', reason: cause.code })
}

/** Read without trust, only to choose whose keys to try. */
function claimedIssuer(token: string): string {
  const payload = token.split('.')[1]
  if (payload === undefined) return ''
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const parsed = issuerClaim.safeParse(claims)
    return parsed.success ? parsed.data.iss : ''
  } catch {
    return ''
  }
}

function lazyKeys(issuer: OidcIssuer): () => Promise<JWTVerifyGetKey> {
  let found: Promise<JWTVerifyGetKey> | undefined
  let failedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (found === undefined && performance.now() - failedAt < discoveryCooldownMs) return Promise.reject(notReachable())
    found ??= jwksUriOf(issuer)
      .then((uri) => createRemoteJWKSet(new URL(uri), { timeoutDuration: 5000, cooldownDuration: 5000 }))
      .catch((cause: unknown) => {
        found = undefined
        failedAt = performance.now()
        throw notReachable(cause)
      })
    return found
  }
}

function notReachable(cause?: unknown): TriptychError {
  return new TriptychError('CREDENTIAL_UNCHECKED', { kind: 'oidc', reason: 'issuer not reachable' }, cause)
}

async function jwksUriOf(issuer: OidcIssuer): Promise<string> {
  if (issuer.jwksUri !== undefined) return issuer.jwksUri
  const url = `${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000), redirect: 'error' })
  const found = discoverySchema.parse(await answer.json())
  if (found.issuer !== issuer.issuer) throw new TriptychError('CONFIG_INVALID', { key: 'gateway.identity.oidc.issuer' })
  return found.jwks_uri
}

function principalOf(claims: JWTPayload, issuer: OidcIssuer): Principal {
  const text = (name: string, longest: number) => {
    const value = claims[name]
    return typeof value === 'string' && value.length > 0 ? value.slice(0, longest) : undefined
  }
  const label = (name: string) => {
    const value = text(name, 256)
    return value !== undefined && labelPattern.test(value) ? value : undefined
  }
  const list = (name: string | undefined) => {
    const values = name === undefined ? undefined : claims[name]
    return Array.isArray(values) ? values.filter((value) => typeof value === 'string').slice(0, 256) : []
  }
  const labels = (name: string | undefined) => list(name).filter((value) => labelPattern.test(value))
  const { team, project, costCentre } = issuer.choiceClaims
  const mayChoose = [team, project, costCentre].some((name) => name !== undefined)
  return {
    kind: 'person',
    credential: 'oidc',
    issuer: issuer.issuer,
    subject: claims.sub ?? '',
    email: text('email', 320),
    name: text('name', 256),
    groups: list(issuer.groupsClaim),
    team: label(issuer.teamClaim),
    project: label(issuer.projectClaim),
    costCentre: label(issuer.costCentreClaim),
    ...(mayChoose ? { choices: { team: labels(team), project: labels(project), costCentre: labels(costCentre) } } : {}),
  }
}
