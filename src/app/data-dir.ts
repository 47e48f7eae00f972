import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createFile, ensureWritableDir } from '../platform/files.ts'

/** Where everything lies below the data directory (docs/operate/data-directory.md). */
export interface DataDir {
  readonly root: string
  readonly config: string
  readonly serviceKeys: string
  readonly identities: string
  /** How far growing logs of other gateways have been read. */
  readonly tails: string
  readonly journals: string
  readonly archive: string
  readonly ledger: string
  readonly ledgerKey: string
  readonly vault: string
  readonly store: string
  journalOf(source: string): string
  aliasBookOf(source: string): string
  /** When service keys were last used, a file for each gateway. */
  readonly keyUse: string
  /** What a gateway counted of its limits, by day and month. */
  limitsOf(source: string): string
}

/**
 * Makes a data directory, or takes one that there is. A new one is kept out of git whole: keys and the vault lie in it. Throws
 * DATA_DIR_UNWRITABLE.
 */
export async function ensureDataDir(root: string): Promise<void> {
  await ensureWritableDir(root)
  if ((await readdir(root)).length === 0) await createFile(join(root, '.gitignore'), '*\n')
}

/** The layout of a data directory. */
export function dataDirAt(root: string): DataDir {
  const below = (...parts: readonly string[]) => join(root, ...parts)
  return {
    root,
    config: below('config'),
    keyUse: below('config', 'service-key-use'),
    serviceKeys: below('config', 'service-keys.json'),
    identities: below('identities'),
    tails: below('config', 'log-tails'),
    journals: below('journal'),
    archive: below('archive'),
    ledger: below('ledger'),
    ledgerKey: below('config', 'ledger.key'),
    vault: below('vault'),
    store: below('store'),
    journalOf: (source) => below('journal', source),
    limitsOf: (source) => below('limits', `${source}.json`),
    aliasBookOf: (source) => below('identities', `${source}.jsonl`),
  }
}
