import { errors, type JWTPayload, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import { isTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import { labelPattern, type Principal } from '../../record/principal.ts'
import { createIssuerKeys } from './oidc-keys.ts'
import { readClaims } from './token-claims.ts'
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
const longestToken = 16 * 1024
const issuerClaim = z.object({ iss: z.string() })

/**
 * Signature, issuer, audience and times are checked by jose; `now` comes from the clock. Throws CREDENTIAL_INVALID,
 * CREDENTIAL_EXPIRED or CREDENTIAL_UNCHECKED, never with anything of the token.
 */
export function createOidcVerifier(issuers: readonly OidcIssuer[], clock: Clock): OidcVerifier {
  const byIssuer = new Map(issuers.map((issuer) => [issuer.issuer, { issuer, keys: createIssuerKeys(issuer) }]))
  return {
    verify: rememberVerified(async (token) => {
      const known = token.length > longestToken ? undefined : byIssuer.get(claimedIssuer(token))
      if (known === undefined)
        throw new TriptychError('CREDENTIAL_INVALID', { kind: 'oidc', reason: 'issuer not configured' })
      const { payload } = await jwtVerify(token, known.keys, {
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

function refuse(cause: unknown): never {
  if (isTriptychError(cause, 'CREDENTIAL_UNCHECKED')) throw cause
  // What is not about the token is about the provider: its keys are none that can be used.
  if (!(cause instanceof errors.JOSEError) || cause instanceof errors.JWKSInvalid)
    throw new TriptychError('CREDENTIAL_UNCHECKED', { kind: 'oidc', reason: 'keys not usable' }, cause)
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

function principalOf(claims: JWTPayload, issuer: OidcIssuer): Principal {
  const { text, label, list } = readClaims(claims)
  const labels = (name: string | undefined) => list(name).filter((value) => labelPattern.test(value))
  const { team, project, costCentre } = issuer.choiceClaims
  const mayChoose = [team, project, costCentre].some((name) => name !== undefined)
  return {
    kind: 'person',
    credential: 'oidc',
    issuer: issuer.issuer,
    subject: claims.sub ?? '',
    // Where the issuer says that nobody has checked it, it is no name of anybody.
    email: claims['email_verified'] === false ? undefined : text('email', 320),
    name: text('name'),
    groups: list(issuer.groupsClaim),
    team: label(issuer.teamClaim),
    project: label(issuer.projectClaim),
    costCentre: label(issuer.costCentreClaim),
    ...(mayChoose ? { choices: { team: labels(team), project: labels(project), costCentre: labels(costCentre) } } : {}),
  }
}
