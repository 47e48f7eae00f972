import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../../platform/clock.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { Principal } from '../../record/principal.ts'
import type { Caller } from './caller.ts'
import { type CertificateRule, identifyByCertificate } from './client-certificates.ts'
import type { OidcVerifier } from './oidc.ts'
import { looksLikeServiceKey, type ServiceKey, type ServiceKeyRing } from './service-keys.ts'
import { identifyByProxy, type TrustedProxy } from './trusted-proxy.ts'

/** Turns what a request shows into who called. */
export type Identify = (caller: Caller) => Promise<Principal>

/** The ways in which a caller can be verified; what is undefined is switched off. */
export interface Verifiers {
  readonly oidc: OidcVerifier
  readonly serviceKeys: ServiceKeyRing | undefined
  /** Hears of each service key that was believed. */
  readonly keyUsed: (id: string) => void
  readonly certificates: CertificateRule | undefined
  readonly proxy: TrustedProxy | undefined
  readonly clock: Clock
}

/**
 * A verified credential, or nothing: CREDENTIAL_MISSING, CREDENTIAL_INVALID, CREDENTIAL_EXPIRED, CREDENTIAL_UNCHECKED. In order: a
 * proxy that proves itself, a bearer token, a client certificate. What the client merely says of itself is never identity.
 */
export function createIdentify(verifiers: Verifiers): Identify {
  const { oidc, certificates, proxy, clock } = verifiers
  return async (caller) => {
    const proxied = proxy === undefined ? undefined : await identifyByProxy(caller, proxy, clock)
    if (proxied !== undefined) return proxied
    const token = tokenOf(caller.headers)
    if (token !== undefined)
      return looksLikeServiceKey(token) ? ofKey(await verifyKey(verifiers, token)) : oidc.verify(token)
    const certificate = certificates === undefined ? undefined : caller.certificate()
    if (certificates !== undefined && certificate !== undefined) return identifyByCertificate(certificate, certificates)
    const reason = caller.headers.authorization?.startsWith('AWS4-')
      ? 'an AWS signature is not a person'
      : 'no Authorization: Bearer'
    throw new TriptychError('CREDENTIAL_MISSING', { reason })
  }
}

/** The token of a request, as `Authorization: Bearer` (RFC 6750) or, as Anthropic's clients send it, `x-api-key`. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const apiKey = headers['x-api-key']
  return typeof apiKey === 'string' && apiKey !== '' ? apiKey : undefined
}

async function verifyKey({ serviceKeys: ring, keyUsed }: Verifiers, token: string): Promise<ServiceKey> {
  if (ring === undefined) throw new TriptychError('CREDENTIAL_INVALID', { kind: 'service_key', reason: 'switched off' })
  const key = await ring.verify(token)
  keyUsed(key.id)
  return key
}

function ofKey(key: ServiceKey): Principal {
  const scoped = key.models !== undefined || key.operations !== undefined
  return {
    kind: 'service',
    credential: 'service_key',
    issuer: 'triptych',
    subject: key.id,
    name: key.name,
    groups: [],
    team: key.team,
    project: key.project,
    costCentre: key.costCentre,
    ...(scoped ? { scope: { models: [...(key.models ?? [])], operations: [...(key.operations ?? [])] } } : {}),
  }
}
