import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureWritableDir, readIfThere, writeFileAtomic } from '../../platform/files.ts'
import { seal, unseal } from '../../platform/sealed-box.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { type IdentityEntry, identityEntrySchema } from '../../record/principal.ts'
import type { KeyWrapper } from './key-wrapper.ts'
import { PersonKeys } from './person-keys.ts'
import type { OpenedBoxes } from './shelf.ts'
import { type ShelfName, Shelves } from './shelves.ts'

/** What the vault needs. Who holds neither the wrapper's key nor a data key can read nothing here. */
export interface VaultOptions {
  readonly dir: string
  readonly wrapper: KeyWrapper
  readonly random: (bytes: number) => Uint8Array
}

/** A body to keep. */
export interface KeptBody {
  /** Whose: an alias of ours, or the pseudonym of a name found in AWS's own logs. */
  readonly owner: string
  /** ISO 8601; its month decides under which of the owner's keys the body is kept. */
  readonly at: string
  readonly bytes: Uint8Array
  /** Ascending offsets at which it falls into pieces: equal pieces of one person and month are kept once. */
  readonly cuts: readonly number[]
}

/** Bodies on their way into the vault. */
export interface Intake {
  /** Keeps a body and says where: `<YYYY-MM>/<offset>/<bytes>`. The same body again is the same place. */
  add(body: KeptBody): Promise<string>
  /** Makes all of them durable. What was added and never finished is found again by the next attempt. */
  finish(): Promise<void>
}

/**
 * Identities and content at rest, as ciphertext under keys of the person: one for who it is, one for what was said in each month.
 * Destroying a key file is erasure.
 */
export interface Vault {
  /** Keeps who an alias is; the first entry stays. */
  putIdentity(alias: string, entry: IdentityEntry): Promise<void>
  /** Who an alias is; undefined when nobody told. Throws VAULT_KEY_MISSING, VAULT_UNREADABLE. */
  identityOf(alias: string): Promise<IdentityEntry | undefined>
  newIntake(): Intake
  /**
   * The plaintext of a body, byte for byte as it was added. Throws VAULT_KEY_MISSING, VAULT_UNREADABLE.
   * @param opened what boxes held, for a reader of several bodies of one conversation
   */
  read(ref: string, owner: string, opened?: OpenedBoxes): Promise<Buffer>
  /** All aliases that have a key. */
  aliases(): Promise<readonly string[]>
  close(): Promise<void>
}

const mostKnown = 200_000
const aliasForm = /^[pq][0-9a-z]{20}$/
const refForm = /^(\d{4}-\d{2})\/(\d{1,15})\/(\d{1,10})$/
const monthForm = /^\d{4}-\d{2}$/

/** Whether this can own something in the vault: one of our aliases, or a pseudonym. */
export function isVaultAlias(text: string): boolean {
  return aliasForm.test(text)
}

/** Opens the vault below `dir`. */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const people = join(options.dir, 'people')
  await ensureWritableDir(people)
  const homeOf = (alias: string) => {
    if (!isVaultAlias(alias)) throw new TriptychError('VAULT_UNREADABLE', { reason: 'not an alias' })
    return join(people, alias.slice(0, 3), alias)
  }
  const keys = new PersonKeys(options.wrapper, options.random)
  const shelves = new Shelves(homeOf, keys, options.random)
  /** Aliases whose identity is there: the same few come with every file. */
  const known = new Set<string>()
  const identityKey = (alias: string, make: boolean) =>
    keys.get({ path: join(homeOf(alias), 'key'), context: `key:${alias}` }, make)
  return {
    async putIdentity(alias, entry) {
      const path = join(homeOf(alias), 'identity')
      if (known.has(alias)) return
      if ((await readIfThere(path)) === undefined) {
        const key = await identityKey(alias, true)
        await writeFileAtomic(path, seal(key, Buffer.from(JSON.stringify(entry)), `identity:${alias}`, options.random))
      }
      if (known.size >= mostKnown) known.clear()
      known.add(alias)
    },
    async identityOf(alias) {
      const box = await readIfThere(join(homeOf(alias), 'identity'))
      if (box === undefined) return undefined
      const text = unseal(await identityKey(alias, false), box, `identity:${alias}`)
      if (text === undefined) throw new TriptychError('VAULT_UNREADABLE', { what: 'identity' })
      return identityEntrySchema.parse(JSON.parse(text.toString('utf8')))
    },
    newIntake: () => createIntake(shelves),
    async read(ref, owner, opened) {
      const [, month = '', offset] = refForm.exec(ref) ?? []
      if (offset === undefined) throw new TriptychError('VAULT_UNREADABLE', { reason: 'not a reference' })
      return shelves.with({ alias: owner, month }, false, (shelf) => shelf.read(Number(offset), opened))
    },
    async aliases() {
      const found: string[] = []
      for (const group of await readdir(people)) found.push(...(await readdir(join(people, group))))
      return found.filter((name) => aliasForm.test(name)).sort()
    },
    close: () => shelves.close(),
  }
}

function createIntake(shelves: Shelves): Intake {
  const touched = new Map<string, ShelfName>()
  return {
    async add({ owner, at, bytes, cuts }) {
      const name = { alias: owner, month: monthOf(at) }
      touched.set(`${name.alias}/${name.month}`, name)
      return `${name.month}/${await shelves.with(name, true, (shelf) => shelf.add(bytes, cuts))}`
    },
    async finish() {
      await Promise.all([...touched.values()].map((name) => shelves.with(name, true, (shelf) => shelf.sync())))
    },
  }
}

function monthOf(at: string): string {
  const month = at.slice(0, 7)
  if (!monthForm.test(month)) throw new TriptychError('VAULT_UNREADABLE', { reason: 'not a month' })
  return month
}
