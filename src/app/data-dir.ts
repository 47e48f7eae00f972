import { join } from 'node:path'

/** Where everything lies below the data directory (docs/operate/data-directory.md). */
export interface DataDir {
  readonly root: string
  readonly config: string
  readonly serviceKeys: string
  readonly identities: string
  readonly journals: string
  readonly archive: string
  readonly ledger: string
  readonly ledgerKey: string
  readonly vault: string
  readonly store: string
  journalOf(source: string): string
  aliasBookOf(source: string): string
}

/** The layout of a data directory. */
export function dataDirAt(root: string): DataDir {
  const below = (...parts: readonly string[]) => join(root, ...parts)
  return {
    root,
    config: below('config'),
    serviceKeys: below('config', 'service-keys.json'),
    identities: below('identities'),
    journals: below('journal'),
    archive: below('archive'),
    ledger: below('ledger'),
    ledgerKey: below('config', 'ledger.key'),
    vault: below('vault'),
    store: below('store'),
    journalOf: (source) => below('journal', source),
    aliasBookOf: (source) => below('identities', `${source}.jsonl`),
  }
}
