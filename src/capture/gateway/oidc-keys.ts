import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { TriptychError } from '../../platform/triptych-error.ts'

/** Where an issuer's keys are. */
export interface KeysOf {
  readonly issuer: string
  /** By default what its discovery document says (OpenID Connect Discovery 1.0 §4). */
  readonly jwksUri?: string | undefined
}

/** Keys are asked for again after this, and at once for a key id that is not among them. */
const freshMs = 10 * 60_000
/** An issuer that does not answer is not asked again before this; nor for one more unknown key id. */
const cooldownMs = 5_000
/** For so long the last known keys hold while their issuer is away. */
const graceMs = 24 * 3_600_000
const answerWithinMs = 5_000
const mostBytes = 1024 * 1024

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() })
const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

interface Known {
  readonly resolve: JWTVerifyGetKey
  readonly at: number
}

/**
 * The keys of one issuer (RFC 7517). A new key is found when a token names it; while the issuer is away the keys of before hold for
 * a day, and nobody waits for it. Throws CREDENTIAL_UNCHECKED when no keys are known, and jose's JWKSNoMatchingKey.
 */
export function createIssuerKeys(issuer: KeysOf, monotonicMs: () => number = () => performance.now()): JWTVerifyGetKey {
  let known: Known | undefined
  let asking: Promise<Known> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  const ask = () => {
    if (asking !== undefined) return asking
    if (monotonicMs() - askedAt < cooldownMs) return undefined
    askedAt = monotonicMs()
    asking = fetchKeys(issuer)
      .then((keys) => {
        known = { resolve: createLocalJWKSet(keys), at: monotonicMs() }
        return known
      })
      .finally(() => {
        asking = undefined
      })
    asking.catch(() => undefined)
    return asking
  }
  const atHand = async (): Promise<Known> => {
    const age = known === undefined ? Number.POSITIVE_INFINITY : monotonicMs() - known.at
    if (known !== undefined && age < graceMs) {
      if (age > freshMs) void ask()?.catch(() => undefined)
      return known
    }
    return (await ask()) ?? Promise.reject(notReachable())
  }
  return async (header, token) => {
    const before = await atHand()
    try {
      return await before.resolve(header, token)
    } catch (cause) {
      if (!(cause instanceof errors.JWKSNoMatchingKey)) throw cause
      const after = await ask()?.catch(() => undefined)
      if (after === undefined || after === before) throw cause
      return after.resolve(header, token)
    }
  }
}

async function fetchKeys(issuer: KeysOf): Promise<JSONWebKeySet> {
  const uri = issuer.jwksUri ?? (await discover(issuer.issuer))
  const parsed = keySetSchema.safeParse(await getJson(uri))
  if (!parsed.success) throw notReachable()
  return parsed.data
}

async function discover(issuer: string): Promise<string> {
  const found = discoverySchema.safeParse(
    await getJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
  )
  // A document of another issuer would let that one sign for this.
  if (!found.success || found.data.issuer !== issuer) throw notReachable()
  return found.data.jwks_uri
}

async function getJson(url: string): Promise<unknown> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs), redirect: 'error' })
    if (!answer.ok) throw notReachable()
    const text = await answer.text()
    return text.length > mostBytes ? undefined : JSON.parse(text)
  } catch (cause) {
    throw notReachable(cause)
  }
}

function notReachable(cause?: unknown): TriptychError {
  return new TriptychError(
    'CREDENTIAL_UNCHECKED',
    { kind: 'oidc', reason: 'issuer not reachable', retryAfterSeconds: 5 },
    cause,
  )
}
