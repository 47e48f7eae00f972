import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

const listSchema = z.looseObject({
  PublicKeyList: z.array(z.looseObject({ Value: z.string().max(16_384), Fingerprint: z.string().optional() })),
})
const byRegionSchema = z.record(z.string().regex(/^[a-z0-9-]{3,30}$/), listSchema)

/** A public key of CloudTrail; without `key` it cannot be used. */
export interface PublicKey {
  /** MD5 of the DER as it was delivered, hex: what a digest names. */
  readonly fingerprint: string
  readonly key: KeyObject | undefined
}

/** The answer to a search for a key. */
export type FoundKey =
  | { readonly kind: 'found'; readonly key: KeyObject }
  | { readonly kind: 'unusable' }
  | { readonly kind: 'elsewhere'; readonly region: string }
  | { readonly kind: 'unknown' }

/** Where public keys come from. */
export interface KeySource {
  /** The key of a region with a fingerprint, as it was known around `at` (ms). */
  find(region: string, fingerprint: string, at: number): Promise<FoundKey>
}

/** A key from its DER: PKCS#1, as CloudTrail gives it, or SPKI, of which its guide shows one. */
export function publicKeyOf(der: Uint8Array): PublicKey {
  const bytes = Buffer.from(der)
  const fingerprint = createHash('md5').update(bytes).digest('hex')
  for (const type of ['pkcs1', 'spki'] as const) {
    try {
      const key = createPublicKey({ key: bytes, format: 'der', type })
      return { fingerprint, key: key.asymmetricKeyType === 'rsa' ? key : undefined }
    } catch {
      // The other form is tried, and then none is left.
    }
  }
  return { fingerprint, key: undefined }
}

/** Keys by region; '' holds those of which no region is known. */
export type KeysByRegion = ReadonlyMap<string, readonly PublicKey[]>

/**
 * Reads an archived answer of ListPublicKeys, or several by region (`{"us-east-1": {"PublicKeyList": …}}`). A single one is of the
 * region that `name`, the file's, holds. Returns the field that has not its form, if one has not.
 */
export function parseArchivedKeys(
  text: string,
  name: string,
): { readonly keys: KeysByRegion } | { readonly field: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { field: 'JSON' }
  }
  const one = listSchema.safeParse(value)
  if (one.success) return { keys: new Map([[regionIn(name), keysOf(one.data)]]) }
  const many = byRegionSchema.safeParse(value)
  const hasList = typeof value === 'object' && value !== null && 'PublicKeyList' in value
  if (hasList || !many.success) {
    const issues = (hasList ? one.error : many.error)?.issues ?? []
    return { field: issues[0]?.path.join('.') || 'PublicKeyList' }
  }
  return { keys: new Map(Object.entries(many.data).map(([region, list]) => [region, keysOf(list)])) }
}

function keysOf(list: z.infer<typeof listSchema>): readonly PublicKey[] {
  return list.PublicKeyList.map(({ Value, Fingerprint }) => {
    const key = publicKeyOf(Buffer.from(Value, 'base64'))
    // What digests name counts; a key that is listed under another name than its own is not the one that AWS gave.
    return Fingerprint === undefined || Fingerprint === key.fingerprint
      ? key
      : { fingerprint: Fingerprint, key: undefined }
  })
}

const regionPattern = /(?<![a-z0-9])[a-z]{2,4}(?:-[a-z]+)+-\d(?![a-z0-9])/

function regionIn(name: string): string {
  return regionPattern.exec(name)?.[0] ?? ''
}

/** Keys that were archived. */
export function archivedKeys(keys: KeysByRegion): KeySource {
  return {
    async find(region, fingerprint) {
      const here = [...(keys.get(region) ?? []), ...(keys.get('') ?? [])]
      return foundIn(here, fingerprint) ?? elsewhere(keys, region, fingerprint)
    },
  }
}

/** The key with a fingerprint among some. */
export function foundIn(keys: readonly PublicKey[], fingerprint: string): FoundKey | undefined {
  const named = keys.filter((key) => key.fingerprint === fingerprint)
  const key = named.find((one) => one.key !== undefined)?.key
  if (key !== undefined) return { kind: 'found', key }
  return named.length > 0 ? { kind: 'unusable' } : undefined
}

/** Another region that has the key, or `unknown`. */
export function elsewhere(keys: KeysByRegion, region: string, fingerprint: string): FoundKey {
  for (const [other, list] of keys)
    if (other !== region && list.some((key) => key.fingerprint === fingerprint))
      return { kind: 'elsewhere', region: other }
  return { kind: 'unknown' }
}
