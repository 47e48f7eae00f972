import type { LedgerEntry } from '../../evidence/ledger/entry.ts'
import type { Fault } from '../../evidence/ledger/fault.ts'
import { archiveSource } from '../../evidence/ledger/source-positions.ts'
import { listJournals } from '../../platform/journal/list-journals.ts'
import { dataDirAt } from '../data-dir.ts'
import { ArchiveJoin } from './join-archive.ts'
import { JournalJoin } from './join-journal.ts'
import { JournalCursor } from './journal-cursor.ts'

/** The records of a data directory, to be held against entries one by one, in the order of the log. */
export async function openRecords(dir: string) {
  const dirs = dataDirAt(dir)
  const archive = await ArchiveJoin.open(dirs.archive)
  const journals = new Map<string, JournalJoin>()
  const joinOf = async (source: string) => {
    const known =
      journals.get(source) ?? new JournalJoin(source, await JournalCursor.open(dirs.journalOf(source), source))
    journals.set(source, known)
    return known
  }
  for (const source of await listJournals(dirs.journals)) await joinOf(source)
  return {
    async check(index: number, entry: LedgerEntry): Promise<readonly Fault[]> {
      if (entry.source === archiveSource) return archive.check(index, entry)
      return (journals.get(entry.source) ?? (await joinOf(entry.source))).check(index, entry)
    },
    async rest() {
      const faults: Fault[] = []
      const counts = []
      for (const [source, journal] of journals) {
        const rest = await journal.rest()
        faults.push(...rest.faults)
        counts.push({ source, records: journal.records, backlog: rest.backlog, oldest: rest.oldest })
      }
      const rest = archive.rest()
      return {
        journals: counts,
        files: { checked: archive.files, backlog: rest.backlog, oldest: rest.oldest },
        faults: [...faults, ...rest.faults],
      }
    },
  }
}
