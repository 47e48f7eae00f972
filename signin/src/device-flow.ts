import * as oidc from 'openid-client'
import type { Machine } from './machine.ts'
import { answered, checkAddress, type Provider, resourceOf, type Tokens } from './provider.ts'
import { isSignInError, printable, SignInError } from './sign-in-error.ts'
import { timeLimit } from './time-limit.ts'

/** Whether the provider has device codes at all. */
export function hasDeviceFlow({ config }: Provider): boolean {
  return config.serverMetadata().device_authorization_endpoint !== undefined
}

/**
 * Device authorization (RFC 8628): the person types a code on any device with a browser. Code and address go to stderr.
 * Throws SIGN_IN_TIMED_OUT, SIGN_IN_REFUSED and what `connect` throws.
 */
export async function signInByDevice(machine: Machine, provider: Provider): Promise<Tokens> {
  const { config, settings } = provider
  const asked = {
    ...(settings.audience === undefined ? {} : { audience: settings.audience }),
    ...resourceOf(settings),
    scope: settings.scope,
  }
  const device = await answered(oidc.initiateDeviceAuthorization(config, asked))
  const address = checkAddress(device.verification_uri, settings.issuer.startsWith('http:'))
  machine.err(`On any device, go to ${address.href}\nand type the code ${printable(device.user_code)}\n`)
  const signal = timeLimit(settings.login_timeout_seconds * 1000)
  try {
    return await answered(oidc.pollDeviceAuthorizationGrant(config, device, resourceOf(settings), { signal }))
  } catch (cause) {
    if (signal.aborted || isExpired(cause)) throw new SignInError('SIGN_IN_TIMED_OUT', '', cause)
    throw cause
  }
}

/** RFC 8628 §3.5: `expired_token`. */
function isExpired(cause: unknown): boolean {
  return isSignInError(cause) && cause.cause instanceof oidc.ResponseBodyError && cause.cause.error === 'expired_token'
}
