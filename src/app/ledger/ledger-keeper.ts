import { join } from 'node:path'
import type { Archive } from '../../evidence/archive/archive.ts'
import { type Ledger, openLedger } from '../../evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../evidence/ledger/ledger-key.ts'
import { asTriptychError, isTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import type { LedgerStatus } from '../hub-services.ts'
import { createArchiveEntering } from './enter-archive.ts'
import { createJournalEntering, type EnterParts } from './enter-journals.ts'
import { ledgerBacklog } from './ledger-backlog.ts'
import { createOpenConflicts } from './open-conflicts.ts'
import { createPublisher, type PublisherParts } from './publisher.ts'

/** What keeping the ledger needs. */
export interface LedgerKeeperParts extends Omit<EnterParts, 'conflicts'>, Omit<PublisherParts, 'file'> {
  readonly archive: Archive
}

/** The hub's ledger: what is kept becomes entries, and checkpoints go outside. */
export interface LedgerKeeper {
  /** The ledger; throws LEDGER_BROKEN when it could not be opened. */
  ledger(): Ledger
  /** Makes entries of everything that is journalled or archived, under a signed checkpoint. A failure is said and tried again. */
  enter(): Promise<void>
  publish(): Promise<void>
  status(): Promise<LedgerStatus>
  close(): Promise<void>
}

/** Where the last publications are remembered, below the ledger's directory. */
export const publicationsName = 'published.json'

/**
 * Opens the ledger of a data directory. One that does not lead to its checkpoint is left as it is: the hub says so and goes on without.
 * Throws CONFIG_INVALID for an origin or a key that is not the log's.
 */
export async function openLedgerKeeper(parts: LedgerKeeperParts): Promise<LedgerKeeper> {
  const key = await loadLedgerKey(parts.dirs.ledgerKey, parts.config.ledger.origin)
  try {
    return await keeperOf(parts, await openLedger(parts.dirs.ledger, key))
  } catch (cause) {
    if (!isTriptychError(cause, 'LEDGER_BROKEN')) throw cause
    parts.logger.error('hub.ledger.broken', cause.facts)
    await parts.act('ledger.broken', { code: cause.code })
    return brokenKeeper(key.verifier.text, cause)
  }
}

async function keeperOf(parts: LedgerKeeperParts, ledger: Ledger): Promise<LedgerKeeper> {
  const conflicts = createOpenConflicts(parts.act, parts.logger)
  const enterJournals = createJournalEntering({ ...parts, conflicts }, ledger)
  const enterArchive = createArchiveEntering(parts.archive, ledger, parts.logger)
  const publisher = await createPublisher({ ...parts, file: join(parts.dirs.ledger, publicationsName) }, ledger)
  let error = ''
  return {
    ledger: () => ledger,
    async enter() {
      try {
        await enterJournals()
        await enterArchive()
        for (const { source, seq } of (await ledgerBacklog(parts.dirs, parts.archive, ledger)).short)
          await conflicts.open(source, seq)
        error = conflicts.someOpen() ? 'LEDGER_CONFLICT' : ''
      } catch (cause) {
        error = asTriptychError(cause).code
        parts.logger.error('hub.ledger.not-entered', { code: error })
      }
    },
    publish: publisher.publishDue,
    async status() {
      const { origin, size } = ledger.latest()
      const { records, files, short } = await ledgerBacklog(parts.dirs, parts.archive, ledger)
      const backlog = { records, files }
      return {
        error: error === '' && short.length > 0 ? 'LEDGER_CONFLICT' : error,
        origin,
        size,
        key: ledger.verifier.text,
        backlog,
        published: publisher.state(),
      }
    },
    async close() {
      // A place that does not answer must not hold the hub back; it gets its checkpoint at the next start.
      await Promise.race([publisher.publishLast(), after(longestFarewellMs)])
      await ledger.close()
    },
  }
}

const longestFarewellMs = 5_000

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}

function brokenKeeper(key: string, cause: TriptychError): LedgerKeeper {
  const status: LedgerStatus = {
    error: cause.code,
    origin: '',
    size: 0,
    key,
    backlog: { records: 0, files: 0 },
    published: [],
  }
  const nothing = () => Promise.resolve()
  return {
    ledger() {
      throw new TriptychError('LEDGER_BROKEN', cause.facts, cause)
    },
    enter: nothing,
    publish: nothing,
    status: () => Promise.resolve(status),
    close: nothing,
  }
}
