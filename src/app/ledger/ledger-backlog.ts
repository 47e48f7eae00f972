import type { Archive } from '../../evidence/archive/archive.ts'
import { archiveKinds } from '../../evidence/archive/provenance.ts'
import type { Ledger } from '../../evidence/ledger/ledger.ts'
import { archiveSource } from '../../evidence/ledger/source-positions.ts'
import { listJournals } from '../../platform/journal/list-journals.ts'
import { lastSeqIn } from '../../platform/journal/seek-journal.ts'
import type { DataDir } from '../data-dir.ts'

/** How what is kept stands to what is entered. */
export interface LedgerBacklog {
  /** Kept and not an entry yet. */
  readonly records: number
  readonly files: number
  /** Sources that keep less than they have entries, with the first number that is gone. */
  readonly short: readonly { readonly source: string; readonly seq: number }[]
}

/** Counts what is kept against the entries, from the ends of the journals and the names of the files alone. */
export async function ledgerBacklog(dirs: DataDir, archive: Archive, ledger: Ledger): Promise<LedgerBacklog> {
  const short: { source: string; seq: number }[] = []
  let records = 0
  for (const source of new Set([...(await listJournals(dirs.journals)), ...ledger.sources()])) {
    if (source === archiveSource) continue
    // First what is entered: meanwhile a journal only grows.
    const entered = ledger.lastSeq(source)
    const kept = await lastSeqIn(dirs.journalOf(source))
    if (kept < entered) short.push({ source, seq: kept + 1 })
    records += Math.max(0, kept - entered)
  }
  const entered = ledger.lastSeq(archiveSource)
  let kept = 0
  for (const kind of archiveKinds) kept += await archive.count(kind)
  if (kept < entered) short.push({ source: archiveSource, seq: kept + 1 })
  return { records, files: Math.max(0, kept - entered), short }
}
