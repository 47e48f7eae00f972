import type { IncomingHttpHeaders } from 'node:http'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { Principal } from '../../record/principal.ts'
import type { OidcVerifier } from './oidc.ts'
import { looksLikeServiceKey, type ServiceKeyRing } from './service-keys.ts'

/** Turns the credential of a request into who called. */
export type Identify = (headers: IncomingHttpHeaders) => Promise<Principal>

/**
 * A verified credential, or nothing: CREDENTIAL_MISSING, CREDENTIAL_INVALID, CREDENTIAL_EXPIRED. What the client merely says
 * of itself (headers, metadata) is never identity.
 */
export function createIdentify(verifiers: { oidc: OidcVerifier; serviceKeys: ServiceKeyRing | undefined }): Identify {
  return async (headers) => {
    const token = credentialOf(headers)
    if (!looksLikeServiceKey(token)) return verifiers.oidc.verify(token)
    if (verifiers.serviceKeys === undefined)
      throw new TriptychError('CREDENTIAL_INVALID', { kind: 'service_key', reason: 'switched off' })
    const key = await verifiers.serviceKeys.verify(token)
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
      ...(key.models === undefined && key.operations === undefined
        ? {}
        : { scope: { models: [...(key.models ?? [])], operations: [...(key.operations ?? [])] } }),
    }
  }
}

function credentialOf(headers: IncomingHttpHeaders): string {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const apiKey = headers['x-api-key']
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey
  const reason = headers.authorization?.startsWith('AWS4-')
    ? 'an AWS signature is not a person'
    : 'no Authorization: Bearer'
  throw new TriptychError('CREDENTIAL_MISSING', { reason })
}
