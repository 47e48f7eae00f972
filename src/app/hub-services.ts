import type { ForeignLog } from '../capture/foreign/read-foreign.ts'
import type { ArchiveCheck } from '../evidence/archive/check-archive.ts'
import type { Ledger } from '../evidence/ledger/ledger.ts'
import type { Engine } from '../evidence/store/engine.ts'
import type { CallRow } from '../evidence/store/queries/list-calls.ts'
import type { Vault } from '../evidence/vault/vault.ts'
import type { Clock } from '../platform/clock.ts'
import type { ProvableRecord } from '../record/provable-record.ts'
import type { AuditParts } from './access/audited-read.ts'
import type { Sessions } from './access/sessions.ts'
import type { SwitchParts } from './content/logging-switch.ts'
import type { RecordAct } from './hub-journal.ts'
import type { IngestKind, IngestResult } from './ingest/ingest-result.ts'
import type { Rebuilt } from './ingest/rebuild.ts'
import type { CallProof } from './ledger/prove-call.ts'
import type { TargetState } from './ledger/publisher.ts'

/** What is taken in, and of a gateway's log whose it is. */
export type IngestWhat =
  | { readonly kind: 'cloudtrail' | 'invocations' }
  | { readonly kind: 'gateway-log'; readonly log: ForeignLog }

/** What happened to one path given to `ingest`. */
export interface IngestedFile {
  /** As it was given or found, for the person who gave it; not kept. */
  readonly name: string
  readonly result?: IngestResult
  readonly error?: { readonly code: string; readonly message: string }
}

/** Where the program stands. */
export interface HubStatus {
  readonly version: string
  readonly simulated: boolean
  readonly startedAt: string
  readonly lastRunAt: string
  /** Where a browser opens the console; empty when nothing listens. */
  readonly consoleUrl: string
  readonly engine: Engine['kind']
  readonly sources: readonly SourceStatus[]
  readonly windows: { readonly cloudtrailMs: number; readonly invocationsMs: number }
}

/** How far one source is. */
export interface SourceStatus {
  readonly type: IngestKind | 'journals'
  readonly origin: string
  readonly files: number
  readonly failed: number
  readonly failing: number
  readonly skipped: number
  readonly lastError: string
  readonly backTo: string | null
}

/** Where the ledger stands. */
export interface LedgerStatus {
  /** Code of what is wrong: it takes no entries, or records contradict theirs (LEDGER_CONFLICT); empty when nothing is. */
  readonly error: string
  readonly origin: string
  /** Entries under the newest checkpoint. */
  readonly size: number
  /** The public verifier key. */
  readonly key: string
  /** What is kept and not an entry yet. */
  readonly backlog: { readonly records: number; readonly files: number }
  readonly published: readonly TargetState[]
}

/** What the API can do; the hub gives it. */
export interface HubServices {
  readonly engine: Engine
  readonly clock: Clock
  readonly act: RecordAct
  readonly audit: AuditParts
  readonly vault: Vault
  readonly sessions: Sessions
  /** Invocation logging in the account, and switching it. */
  readonly contentLogging: SwitchParts
  status(): HubStatus
  /** The day that a demo made (`2026-11-23`). */
  madeDay(): Promise<string | undefined>
  /** Up to when each layer's deliveries are over and read, RFC 3339; null when that is not known. */
  completeUntil(): Readonly<Record<'access' | 'gateway' | 'content', string | null>>
  /** Throws CONFIG_INVALID at once for logs that do not belong into this data directory. */
  ingest(what: IngestWhat, path: string): AsyncIterable<IngestedFile>
  /** The log itself; throws LEDGER_BROKEN. */
  ledger(): Ledger
  ledgerStatus(): Promise<LedgerStatus>
  /** Throws RESOURCE_NOT_FOUND, LEDGER_BACKLOG, LEDGER_BROKEN. */
  prove(call: CallRow, record: ProvableRecord): Promise<CallProof>
  /** Whether a receipt can be had; throws as `prove` does. */
  enteredRecord(call: CallRow, record: ProvableRecord): Promise<unknown>
  checkArchive(): Promise<ArchiveCheck>
  rebuild(onProgress: (done: Rebuilt) => Promise<unknown>): Promise<Rebuilt>
  /** When the store was made again the last time, ms: verdicts from before are not kept. */
  rebuiltAt(): Promise<number | undefined>
}
