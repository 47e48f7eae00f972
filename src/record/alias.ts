import { z } from 'zod'

/**
 * The name under which a person or a service key appears everywhere but in the vault: `p` and 20 random characters.
 * It fits STS RoleSessionName and SourceIdentity (2–64 of `[\w+=,.@-]`) and says nothing about anybody.
 */
export type Alias = string & { readonly __brand: 'Alias' }

/** The form of an alias that a gateway minted. */
export const aliasPattern = /^p[0-9a-hjkmnp-tv-z]{20}$/

/** Schema of an alias. */
export const aliasSchema = z.custom<Alias>((value) => typeof value === 'string' && aliasPattern.test(value), 'an alias')

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** A new alias from 20 random bytes, five bits of each. */
export function mintAlias(random: (bytes: number) => Uint8Array): Alias {
  let text = 'p'
  for (const byte of random(20)) text += alphabet[byte & 31] ?? '0'
  return aliasSchema.parse(text)
}
