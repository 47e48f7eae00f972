import { type AccessEvent, accessPatterns, type IdentitySeen, pseudonymOf } from '../../record/access-event.ts'

/** Where a call came from: a pseudonym of the address, and what kind of address it is. */
export interface AccessSource {
  readonly address: string
  readonly kind: AccessEvent['sourceKind']
  readonly identities: readonly IdentitySeen[]
}

/** Reads `sourceIPAddress`: an address, or the name of a service of AWS that called on somebody's behalf. */
export function sourceOf(text: string, key: Uint8Array): AccessSource {
  if (text === '') return { address: '', kind: 'unknown', identities: [] }
  if (accessPatterns.awsService.test(text)) return { address: text, kind: 'aws', identities: [] }
  const alias = pseudonymOf(key, text)
  return { address: alias, kind: kindOf(text), identities: [{ alias, text, kind: 'address' }] }
}

function kindOf(text: string): AccessEvent['sourceKind'] {
  if (accessPatterns.ipv4.test(text)) return accessPatterns.privateIpv4.test(text) ? 'private' : 'public'
  if (accessPatterns.ipv6.test(text)) return accessPatterns.privateIpv6.test(text) ? 'private' : 'public'
  return 'unknown'
}
