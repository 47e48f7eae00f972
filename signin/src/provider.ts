import * as oidc from 'openid-client'
import { isTrustworthyAddress, type Settings } from './settings.ts'
import type { SignIn } from './sign-in.ts'
import { isSignInError, printable, SignInError } from './sign-in-error.ts'

// The identity provider, through openid-client. This module is loaded only when the network is needed.

/** A provider whose discovery document was read and names the issuer that was asked for (OpenID Connect Discovery §4.3). */
export interface Provider {
  readonly config: oidc.Configuration
  readonly settings: Settings
}

/** What the token endpoint answers. */
export type Tokens = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers

/** A token without any word on its life is taken to live so long (seconds). */
const unstatedLifeSeconds = 300

/** Reads the discovery document. Throws PROVIDER_AWAY, PROVIDER_INVALID. Each request ends with the signal; without one, after 30 s. */
export async function connect(settings: Settings, signal?: AbortSignal): Promise<Provider> {
  const local = settings.issuer.startsWith('http:')
  const auth = settings.client_secret === undefined ? oidc.None() : oidc.ClientSecretPost(settings.client_secret)
  const config = await answered(
    oidc.discovery(new URL(settings.issuer), settings.client_id, undefined, auth, {
      execute: local ? [oidc.allowInsecureRequests] : [],
      [oidc.customFetch]: (address, options) => guardedFetch(address, options, local, signal),
    }),
  )
  return { config, settings }
}

/** Only https, except that an issuer on this machine's loopback may name loopback addresses; redirects are not followed. */
function guardedFetch(
  address: string,
  options: oidc.CustomFetchOptions,
  local: boolean,
  signal: AbortSignal | undefined,
): Promise<Response> {
  checkAddress(address, local)
  const { method, headers, body, redirect } = options
  return fetch(address, { method, headers, body: body ?? null, redirect, signal: signal ?? options.signal ?? null })
}

/** Throws PROVIDER_INVALID for an address that nothing may be sent to. */
export function checkAddress(address: string, local: boolean): URL {
  if (!isTrustworthyAddress(address) || (!local && !address.startsWith('https:')))
    throw new SignInError('PROVIDER_INVALID', 'an address that is not https')
  return new URL(address)
}

/** RFC 8707 §2: the resource is named at every request for a token. */
export function resourceOf({ resource }: Settings): Record<string, string> {
  return resource === undefined ? {} : { resource }
}

/** Throws SIGN_IN_ENDED when the provider no longer takes the refresh token (RFC 6749 §5.2), PROVIDER_AWAY, PROVIDER_INVALID. */
export async function refresh({ config, settings }: Provider, refreshToken: string): Promise<Tokens> {
  return answered(oidc.refreshTokenGrant(config, refreshToken, resourceOf(settings)))
}

/** RFC 7009. False when the provider has no place for it. */
export async function revoke({ config }: Provider, refreshToken: string): Promise<boolean> {
  if (config.serverMetadata().revocation_endpoint === undefined) return false
  await answered(oidc.tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' }))
  return true
}

/** The sign-in that these tokens make; what the provider did not send again stays (RFC 6749 §6). Throws TOKEN_MISSING. */
export function signInOf(tokens: Tokens, settings: Settings, now: number, before?: SignIn): SignIn {
  const token = settings.token === 'id_token' ? tokens.id_token : tokens.access_token
  if (token === undefined) throw new SignInError('TOKEN_MISSING', settings.token)
  const claims = tokens.claims()
  const refreshToken = tokens.refresh_token ?? before?.refreshToken
  return {
    settings,
    who: whoOf(claims) ?? before?.who ?? 'unknown',
    token,
    expiresAt: expiryOf(tokens, settings, now),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  }
}

function expiryOf(tokens: Tokens, settings: Settings, now: number): number {
  const idTokenEnds = tokens.claims()?.exp
  if (settings.token === 'id_token' && idTokenEnds !== undefined) return idTokenEnds * 1000
  return now + (tokens.expires_in ?? unstatedLifeSeconds) * 1000
}

function whoOf(claims: oidc.IDToken | undefined): string | undefined {
  const named = [claims?.['email'], claims?.['preferred_username'], claims?.sub]
  const first = named.find((claim): claim is string => typeof claim === 'string' && claim !== '')
  return first === undefined ? undefined : printable(first)
}

/** The library's errors as ours: nothing of a message, which may quote what was sent. */
export async function answered<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (cause) {
    throw translated(cause)
  }
}

function translated(cause: unknown): SignInError {
  const own = isSignInError(cause) ? cause : isSignInError(causeOf(cause)) ? causeOf(cause) : undefined
  if (isSignInError(own)) return own
  if (cause instanceof oidc.ResponseBodyError) {
    if (cause.status >= 500 || cause.status === 429) return new SignInError('PROVIDER_AWAY', '', cause)
    if (cause.error === 'invalid_grant') return new SignInError('SIGN_IN_ENDED', '', cause)
    return new SignInError('SIGN_IN_REFUSED', codeOf(cause.error), cause)
  }
  if (cause instanceof oidc.AuthorizationResponseError)
    return new SignInError('SIGN_IN_REFUSED', codeOf(cause.error), cause)
  if (isAway(cause)) return new SignInError('PROVIDER_AWAY', '', cause)
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return new SignInError('PROVIDER_INVALID', codeOf(code), cause)
}

function isAway(cause: unknown): boolean {
  const response = causeOf(cause)
  if (response instanceof Response) return response.status >= 500 || response.status === 429
  if (!(cause instanceof Error)) return false
  const code = 'code' in cause ? cause.code : undefined
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') return true
  return cause.message === 'fetch failed' || ['AbortError', 'TimeoutError'].includes(cause.name)
}

function causeOf(value: unknown): unknown {
  return value instanceof Error ? value.cause : undefined
}

/** An error code of the grammar that OAuth's have; anything else might be text. */
function codeOf(code: unknown): string {
  return typeof code === 'string' && /^[A-Za-z_]{1,60}$/.test(code) ? code : 'no code'
}
