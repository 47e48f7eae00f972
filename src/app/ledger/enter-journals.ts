import type { Ledger, LedgerRecord } from '../../evidence/ledger/ledger.ts'
import { listJournals } from '../../platform/journal/list-journals.ts'
import type { PlacedLine } from '../../platform/journal/read-segment.ts'
import { positionBefore } from '../../platform/journal/seek-journal.ts'
import { isSettled } from '../../platform/journal/settled-batch.ts'
import { type JournalBatch, type JournalPosition, readSince } from '../../platform/journal/tail-journal.ts'
import type { Logger } from '../../platform/logger.ts'
import { asTriptychError, isTriptychError } from '../../platform/triptych-error.ts'
import type { DataDir } from '../data-dir.ts'
import type { OpenConflicts } from './open-conflicts.ts'

/** What making entries needs. */
export interface EnterParts {
  readonly dirs: DataDir
  readonly conflicts: OpenConflicts
  readonly logger: Logger
}

/**
 * Makes entries of what the journals have gained, in their order; the ledger itself knows how far it is. What is wrong with one
 * journal is said once and does not stop the others. The first run sends the last segment again: what was rewritten below an entry shows.
 */
export function createJournalEntering(parts: EnterParts, ledger: Ledger): () => Promise<void> {
  const positions = new Map<string, JournalPosition>()
  const said = new Set<string>()
  return async () => {
    for (const source of await listJournals(parts.dirs.journals)) {
      try {
        await enterJournal(parts, ledger, source, positions, said)
      } catch (cause) {
        const { code } = asTriptychError(cause)
        if (code === 'DATA_DIR_UNWRITABLE' || code === 'LEDGER_BROKEN') throw cause
        if (!said.has(`${source} ${code}`)) parts.logger.error('hub.ledger.journal-not-entered', { source, code })
        said.add(`${source} ${code}`)
      }
    }
  }
}

async function enterJournal(
  parts: EnterParts,
  ledger: Ledger,
  source: string,
  positions: Map<string, JournalPosition>,
  said: Set<string>,
): Promise<void> {
  const dir = parts.dirs.journalOf(source)
  let position = positions.get(source) ?? (await positionBefore(dir, ledger.lastSeq(source)))
  for (;;) {
    const batch = await readOn(parts, dir, source, position, said)
    // What is committed to must never be cut off again: the rest waits for the next run.
    if (batch === undefined || !(await isSettled(dir, position, batch))) return
    await appendOrSay(
      parts,
      ledger,
      source,
      batch.lines.map((line) => recordOf(source, line)),
    )
    position = batch.position
    positions.set(source, position)
  }
}

/** Behind a hole it goes on: the numbers that are missing show in the ledger, and `journal.broken` is an act of the loader. */
async function readOn(
  parts: EnterParts,
  dir: string,
  source: string,
  from: JournalPosition | undefined,
  said: Set<string>,
): Promise<JournalBatch | undefined> {
  try {
    return await readSince(dir, from)
  } catch (cause) {
    if (!isTriptychError(cause, 'JOURNAL_BROKEN')) throw cause
    const afterSeq = from?.seq ?? 0
    if (!said.has(`${source} gap ${afterSeq}`)) parts.logger.error('hub.ledger.gap', { source, afterSeq })
    said.add(`${source} gap ${afterSeq}`)
    return readSince(dir, from, true)
  }
}

/** A record that contradicts its entry is said loudly; what comes behind the last entry is taken all the same. */
async function appendOrSay(
  parts: EnterParts,
  ledger: Ledger,
  source: string,
  records: readonly LedgerRecord[],
): Promise<void> {
  try {
    await ledger.append(records)
  } catch (cause) {
    if (!isTriptychError(cause, 'LEDGER_CONFLICT')) throw cause
    await parts.conflicts.open(source, Number(cause.facts['seq']))
    const last = ledger.lastSeq(source)
    await ledger.append(onlyRising(records, last))
  }
}

/** What is left of a journal that turned back: its records with rising numbers behind the last entry. */
function onlyRising(records: readonly LedgerRecord[], last: number): readonly LedgerRecord[] {
  let before = last
  return records.filter(({ seq = 0 }) => {
    if (seq <= before) return false
    before = seq
    return true
  })
}

function recordOf(source: string, { line, hash }: PlacedLine): LedgerRecord {
  return { source, seq: line.seq, type: line.type, commit: hash }
}
