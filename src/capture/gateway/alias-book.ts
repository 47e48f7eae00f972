import { createHmac } from 'node:crypto'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { ensureWritableDir, syncDir } from '../../platform/files.ts'
import { seal, unseal } from '../../platform/sealed-box.ts'
import type { SecretKeys } from '../../platform/secret-keys.ts'
import { errnoOf } from '../../platform/triptych-error.ts'
import { type Alias, aliasSchema, mintAlias } from '../../record/alias.ts'
import { type IdentityEntry, identityEntrySchema, type Principal } from '../../record/principal.ts'

/**
 * Alias → identity of one gateway: an encrypted file of its own, apart from the journal, never archived, shipped to the vault.
 * A line holds the alias, a keyed hash to find it by, and the identity as ciphertext.
 */
export interface AliasBook {
  /** The alias of a principal, minted and made durable at first sight. */
  aliasOf(principal: Principal): Promise<Alias>
  close(): Promise<void>
}

const lineSchema = z.object({ alias: aliasSchema, lookup: z.string(), box: z.string() })

/** What the book needs. */
export interface AliasBookOptions {
  readonly path: string
  readonly keys: SecretKeys
  readonly random: (bytes: number) => Uint8Array
}

/** Opens the book of this gateway. */
export async function openAliasBook(options: AliasBookOptions): Promise<AliasBook> {
  await ensureWritableDir(dirname(options.path))
  const known = new Map<string, Promise<Alias>>()
  for (const line of await readLines(options.path)) known.set(line.lookup, Promise.resolve(line.alias))
  const file = await open(options.path, 'a', 0o600)
  await syncDir(dirname(options.path))
  await cutToWholeLines(file, options.path)
  let mustCut = false
  let last: Promise<unknown> = Promise.resolve()
  const append = async (line: string) => {
    if (mustCut) await cutToWholeLines(file, options.path)
    mustCut = true
    await file.appendFile(line)
    await file.datasync()
    mustCut = false
  }
  const mint = async (principal: Principal, lookup: string): Promise<Alias> => {
    const alias = mintAlias(options.random)
    const text = Buffer.from(JSON.stringify(entryOf(principal)))
    const box = seal(options.keys('identity-file'), text, alias, options.random).toString('base64')
    // One after the other: a failed append is cut off before the next.
    const written = last.then(() => append(`${JSON.stringify({ alias, lookup, box })}\n`))
    last = written.catch(() => undefined)
    await written
    return alias
  }
  return {
    async aliasOf(principal) {
      const lookup = lookupOf(principal, options.keys)
      const found = known.get(lookup)
      if (found !== undefined) return found
      const minted = mint(principal, lookup)
      known.set(lookup, minted)
      minted.catch(() => known.delete(lookup))
      return minted
    },
    async close() {
      await last
      await file.close()
    },
  }
}

/** Every alias of a book with its identity, for the vault. A line that does not open is left out and counted. */
export async function readAliasBook(
  path: string,
  keys: SecretKeys,
): Promise<{
  readonly entries: readonly { readonly alias: Alias; readonly entry: IdentityEntry }[]
  readonly unreadable: number
}> {
  let unreadable = 0
  const entries = (await readLines(path)).flatMap(({ alias, box }) => {
    const text = unseal(keys('identity-file'), Buffer.from(box, 'base64'), alias)
    const entry = text === undefined ? undefined : identityEntrySchema.safeParse(JSON.parse(text.toString('utf8')))
    if (entry?.success) return [{ alias, entry: entry.data }]
    unreadable += 1
    return []
  })
  return { entries, unreadable }
}

function lookupOf(principal: Principal, keys: SecretKeys): string {
  return createHmac('sha256', keys('alias-lookup')).update(`${principal.issuer}\0${principal.subject}`).digest('hex')
}

function entryOf(principal: Principal): IdentityEntry {
  const { issuer, subject, email, name } = principal
  return { kind: principal.kind, issuer, subject, email, name }
}

/** A write that was cut short leaves half a line, which would swallow the next one. */
async function cutToWholeLines(file: FileHandle, path: string): Promise<void> {
  const bytes = await readFile(path)
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) await file.truncate(whole)
}

async function readLines(path: string): Promise<readonly z.infer<typeof lineSchema>[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return ''
    throw cause
  })
  return text.split('\n').flatMap((line) => {
    if (line === '') return []
    try {
      const parsed = lineSchema.safeParse(JSON.parse(line))
      return parsed.success ? [parsed.data] : []
    } catch {
      return []
    }
  })
}
