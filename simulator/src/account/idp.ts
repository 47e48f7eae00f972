import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { z } from 'zod'
import type { AccountClock } from './clock.ts'
import type { StateFile } from './state.ts'

/** A person as the company's identity provider knows them. */
export interface Person {
  readonly subject: string
  readonly email: string
  readonly name: string
  readonly team: string
  readonly project: string
  readonly groups: readonly string[]
}

/** The company's OpenID provider: discovery, keys, and tokens for its people. */
export interface IdentityProvider {
  readonly issuer: string
  /** The answer for a path below the issuer; undefined when there is none. */
  document(path: string): unknown
  /** An ID token of a person. `expiresInSeconds` may lie in the past. */
  token(person: Person, options?: TokenOptions): Promise<string>
}

/** What a token may differ in. */
export interface TokenOptions {
  readonly expiresInSeconds?: number
  readonly audience?: string
  /** More claims, or other ones. */
  readonly claims?: object
}

const keySchema = z.looseObject({ kty: z.string(), n: z.string(), e: z.string(), d: z.string() })

/** Opens the provider; its key survives restarts. */
export async function openIdentityProvider(
  issuer: string,
  state: StateFile,
  clock: AccountClock,
): Promise<IdentityProvider> {
  const jwk = await privateKey(state)
  const key = await importJWK(jwk, 'RS256')
  const publicJwk = { kty: jwk.kty, n: jwk.n, e: jwk.e, alg: 'RS256', use: 'sig', kid: 'sim-1' }
  return {
    issuer,
    document(path) {
      if (path === '/.well-known/openid-configuration') {
        return {
          issuer,
          jwks_uri: `${issuer}/jwks`,
          authorization_endpoint: `${issuer}/authorize`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        }
      }
      return path === '/jwks' ? { keys: [publicJwk] } : undefined
    },
    token(person, options = {}) {
      const now = Math.floor(clock.now() / 1000)
      const { email, name, team, project, groups } = person
      return new SignJWT({ email, name, team, project, groups, ...options.claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'sim-1' })
        .setIssuer(issuer)
        .setSubject(person.subject)
        .setAudience(options.audience ?? 'triptych')
        .setIssuedAt(now)
        .setExpirationTime(now + (options.expiresInSeconds ?? 3600))
        .sign(key)
    },
  }
}

async function privateKey(state: StateFile): Promise<JWK> {
  const kept = keySchema.safeParse(state.state.idpKey)
  if (kept.success) return kept.data
  const made = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(made.privateKey)
  state.state.idpKey = jwk
  state.save()
  return jwk
}
