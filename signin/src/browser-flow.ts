import * as oidc from 'openid-client'
import { listenForAnswer } from './loopback.ts'
import type { Machine } from './machine.ts'
import { answered, checkAddress, type Provider, resourceOf, type Tokens } from './provider.ts'

/**
 * Authorization code with PKCE in the person's own browser (RFC 8252, RFC 7636; nonce: OpenID Connect Core §3.1.2.1).
 * The address is printed as well. Throws SIGN_IN_TIMED_OUT, SIGN_IN_REFUSED, PORT_TAKEN and what `connect` throws.
 */
export async function signInByBrowser(machine: Machine, provider: Provider): Promise<Tokens> {
  const { config, settings } = provider
  const state = oidc.randomState()
  const nonce = oidc.randomNonce()
  const verifier = oidc.randomPKCECodeVerifier()
  const loopback = await listenForAnswer(state, settings.redirect_port, settings.login_timeout_seconds * 1000)
  try {
    const address = oidc.buildAuthorizationUrl(config, {
      ...settings.parameters,
      ...(settings.audience === undefined ? {} : { audience: settings.audience }),
      ...resourceOf(settings),
      redirect_uri: loopback.redirectUri,
      scope: settings.scope,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    checkAddress(address.href, settings.issuer.startsWith('http:'))
    machine.err(`Sign in with your browser; if none opens, go to\n${address.href}\n`)
    const [program, ...args] = machine.programs.openBrowser
    machine.start(program, [...args, address.href])
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
    const answer = await loopback.answer
    return await answered(oidc.authorizationCodeGrant(config, answer, checks, resourceOf(settings)))
  } finally {
    loopback.close()
  }
}
