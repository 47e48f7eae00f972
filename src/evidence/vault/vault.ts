import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureWritableDir, readIfThere, writeFileAtomic } from '../../platform/files.ts'
import { seal, unseal } from '../../platform/sealed-box.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { type IdentityEntry, identityEntrySchema } from '../../record/principal.ts'
import { createPackWriter, type PackWriter, parseRef, readFromPack } from './pack.ts'

/** What the vault needs. The master key wraps one key per person; who holds neither can read nothing here. */
export interface VaultOptions {
  readonly dir: string
  readonly masterKey: Uint8Array
  readonly random: (bytes: number) => Uint8Array
}

/**
 * Identities and content at rest, as ciphertext under a key per person. A person here is an alias: ours, or the pseudonym of a
 * name found in AWS's own logs. Destroying the key file is erasure.
 */
export interface Vault {
  /** Keeps who an alias is; the first entry stays. */
  putIdentity(alias: string, entry: IdentityEntry): Promise<void>
  /** Who an alias is; undefined when nobody told. Throws VAULT_KEY_MISSING, VAULT_UNREADABLE. */
  identityOf(alias: string): Promise<IdentityEntry | undefined>
  /** A new pack of bodies; `id` is derived from the file they came in, so that a repeat replaces it by the same. */
  newPack(id: string): Promise<PackWriter>
  /** The plaintext of a body. Throws VAULT_KEY_MISSING, VAULT_UNREADABLE. */
  read(ref: string, alias: string): Promise<Buffer>
  /** All aliases that have a key. */
  aliases(): Promise<readonly string[]>
}

const aliasForm = /^[pq][0-9a-z]{20}$/

/** Whether this can own something in the vault: one of our aliases, or a pseudonym. */
export function isVaultAlias(text: string): boolean {
  return aliasForm.test(text)
}

/** Opens the vault below `dir`. */
export async function openVault(options: VaultOptions): Promise<Vault> {
  await ensureWritableDir(join(options.dir, 'people'))
  await ensureWritableDir(join(options.dir, 'packs'))
  const keys = new Map<string, Promise<Buffer>>()
  const homeOf = (alias: string) => {
    if (!isVaultAlias(alias)) throw new TriptychError('VAULT_UNREADABLE', { reason: 'not an alias' })
    return join(options.dir, 'people', alias.slice(0, 3), alias)
  }
  const keyOf = (alias: string, make: boolean): Promise<Buffer> => {
    const known = keys.get(alias)
    if (known !== undefined) return known
    const found = readOrMakeKey(options, alias, homeOf(alias), make)
    keys.set(alias, found)
    found.catch(() => keys.delete(alias))
    return found
  }
  return {
    async putIdentity(alias, entry) {
      const path = join(homeOf(alias), 'identity')
      if ((await readIfThere(path)) !== undefined) return
      const key = await keyOf(alias, true)
      await writeFileAtomic(path, seal(key, Buffer.from(JSON.stringify(entry)), `identity:${alias}`, options.random))
    },
    async identityOf(alias) {
      const box = await readIfThere(join(homeOf(alias), 'identity'))
      if (box === undefined) return undefined
      const text = unseal(await keyOf(alias, false), box, `identity:${alias}`)
      if (text === undefined) throw new TriptychError('VAULT_UNREADABLE', { what: 'identity' })
      return identityEntrySchema.parse(JSON.parse(text.toString('utf8')))
    },
    newPack: (id) => createPackWriter(join(options.dir, 'packs'), id, (alias) => keyOf(alias, true), options.random),
    async read(ref, alias) {
      const place = parseRef(ref)
      if (place === undefined) throw new TriptychError('VAULT_UNREADABLE', { reason: 'not a reference' })
      return readFromPack(join(options.dir, 'packs'), place, await keyOf(alias, false))
    },
    async aliases() {
      const found: string[] = []
      for (const group of await readdir(join(options.dir, 'people')))
        found.push(...(await readdir(join(options.dir, 'people', group))))
      return found.filter((name) => aliasForm.test(name)).sort()
    },
  }
}

async function readOrMakeKey(options: VaultOptions, alias: string, home: string, make: boolean): Promise<Buffer> {
  const path = join(home, 'key')
  const wrapped = await readIfThere(path)
  if (wrapped !== undefined) {
    const key = unseal(options.masterKey, wrapped, `key:${alias}`)
    if (key === undefined) throw new TriptychError('VAULT_UNREADABLE', { what: 'key' })
    return key
  }
  if (!make) throw new TriptychError('VAULT_KEY_MISSING')
  const key = Buffer.from(options.random(32))
  await mkdir(home, { recursive: true, mode: 0o700 })
  await writeFileAtomic(path, seal(options.masterKey, key, `key:${alias}`, options.random))
  return key
}
