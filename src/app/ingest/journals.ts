import { stat } from 'node:fs/promises'
import { z } from 'zod'
import { readAliasBook } from '../../capture/gateway/alias-book.ts'
import type { Engine } from '../../evidence/store/engine.ts'
import type { Store } from '../../evidence/store/store.ts'
import type { Vault } from '../../evidence/vault/vault.ts'
import type { Clock } from '../../platform/clock.ts'
import { listJournals } from '../../platform/journal/list-journals.ts'
import { isSettled } from '../../platform/journal/settled-batch.ts'
import { type JournalBatch, type JournalPosition, readSince } from '../../platform/journal/tail-journal.ts'
import type { Logger } from '../../platform/logger.ts'
import type { SecretKeys } from '../../platform/secret-keys.ts'
import { isTriptychError } from '../../platform/triptych-error.ts'
import { isGatewaySource } from '../../record/gateway-call.ts'
import type { DataDir } from '../data-dir.ts'
import type { RecordAct } from '../hub-journal.ts'
import { isBroughtBack, untilBroughtBack } from './brought-back.ts'
import { toJournalRows } from './journal-rows.ts'

/** What loading journals needs. */
export interface JournalLoaderParts {
  readonly dirs: DataDir
  readonly engine: Engine
  readonly store: Store
  readonly vault: Vault
  readonly keys: SecretKeys
  readonly act: RecordAct
  readonly clock: Clock
  readonly logger: Logger
  readonly simulated: boolean
}

const positionSchema = z.object({
  segment: z.number(),
  offset: z.number(),
  seq: z.number(),
  hash: z.string(),
  /** The stretch that is read without a gap. */
  stretch: z.object({ firstSeq: z.number(), firstAt: z.string() }),
})
type Position = z.infer<typeof positionSchema>

interface KnownBook {
  readonly bytes: number
  readonly entries: number
}

/** Loads what the journals below the data directory have gained. Returns how many records. */
export function createJournalLoader(parts: JournalLoaderParts): () => Promise<number> {
  const known = new Map<string, KnownBook>()
  const broken = new Map<string, number>()
  return async () => {
    let records = 0
    for (const source of await listJournals(parts.dirs.journals)) {
      if (isGatewaySource(source)) await keepIdentities(parts, source, known)
      for (;;) {
        const loaded = await loadBatch(parts, source, broken)
        if (loaded === 0) break
        records += loaded
      }
    }
    return records
  }
}

async function loadBatch(parts: JournalLoaderParts, source: string, broken: Map<string, number>): Promise<number> {
  const name = `journal:${source}`
  const stored = await parts.store.progress(name)
  const before = stored === undefined ? undefined : positionSchema.parse(JSON.parse(stored))
  const { batch: read, resynced } = await readOrResync(parts, source, before, broken)
  const batch = read === undefined || resynced ? read : untilBroughtBack(read, before)
  const first = batch?.lines[0]?.line
  // A row must never tell of a write that its writer cuts off again: the rest waits for the next run.
  if (batch === undefined || first === undefined) return 0
  if (!(await isSettled(parts.dirs.journalOf(source), before, batch))) return 0
  const follows = before !== undefined && !resynced && first.seq === before.seq + 1 && !isBroughtBack(first)
  const stretch = follows ? before.stretch : { firstSeq: first.seq, firstAt: first.at }
  await insertRows(parts, source, batch, stretch)
  const position: Position = { ...batch.position, stretch }
  await parts.store.setProgress(name, JSON.stringify(position))
  return batch.lines.length
}

/** A journal that does not follow is said loudly and read on behind the hole: what is there must not be lost as well. */
async function readOrResync(
  parts: JournalLoaderParts,
  source: string,
  before: JournalPosition | undefined,
  broken: Map<string, number>,
): Promise<{ readonly batch: JournalBatch | undefined; readonly resynced: boolean }> {
  const dir = parts.dirs.journalOf(source)
  try {
    return { batch: await readSince(dir, before), resynced: false }
  } catch (cause) {
    if (!isTriptychError(cause, 'JOURNAL_BROKEN')) throw cause
    const afterSeq = before?.seq ?? 0
    if (broken.get(source) !== afterSeq) {
      broken.set(source, afterSeq)
      parts.logger.error('hub.journal.broken', { source, afterSeq })
      await parts.act('journal.broken', { source, afterSeq })
    }
    return { batch: await readSince(dir, before, true), resynced: true }
  }
}

async function insertRows(
  parts: JournalLoaderParts,
  source: string,
  batch: JournalBatch,
  stretch: Position['stretch'],
): Promise<void> {
  await parts.store.withBatch((number) => insertBatch(parts, source, batch, stretch, number))
}

async function insertBatch(
  parts: JournalLoaderParts,
  source: string,
  batch: JournalBatch,
  stretch: Position['stretch'],
  number: number,
): Promise<void> {
  const loadedAt = new Date(parts.clock.now()).toISOString()
  const last = batch.lines.at(-1)?.line
  const first = batch.lines[0]?.line
  if (last === undefined || first === undefined) return
  const rows = toJournalRows(batch.lines, { batch: number, loadedAt, simulated: parts.simulated })
  if (rows.gateway_sessions.length > 0) await parts.engine.insert('gateway_sessions', rows.gateway_sessions)
  if (rows.snapshots.length > 0) await parts.engine.insert('snapshots', rows.snapshots)
  if (rows.gateway_calls.length > 0) await parts.engine.insert('gateway_calls', rows.gateway_calls)
  const mark = {
    source,
    first_seq: stretch.firstSeq,
    last_seq: last.seq,
    first_at: stretch.firstAt,
    last_at: last.at,
    ts: stretch.firstAt,
    revision: last.seq,
  }
  await parts.engine.insert('journal_marks', [
    { ...mark, batch: number, loaded_at: loadedAt, simulated: parts.simulated ? 1 : 0 },
  ])
}

/** Moves what a gateway's alias book gained into the vault; the file's size says whether it gained anything. */
async function keepIdentities(parts: JournalLoaderParts, source: string, known: Map<string, KnownBook>): Promise<void> {
  const path = parts.dirs.aliasBookOf(source)
  const bytes = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  const before = known.get(source) ?? { bytes: 0, entries: 0 }
  if (bytes === before.bytes) return
  const { entries, unreadable } = await readAliasBook(path, parts.keys)
  for (const { alias, entry } of entries.slice(before.entries)) await parts.vault.putIdentity(alias, entry)
  known.set(source, { bytes, entries: entries.length })
  await parts.act('identities.kept', { count: entries.length, unreadable })
}
