import type { Verification } from './verify-directory.ts'

/** What a verification does not prove, in sentences: an answer without its limits would say more than it knows. */
export function whatIsNotProven(found: Verification, now: number): readonly string[] {
  return [
    ...(found.keyPinned ? [] : [keyNotPinned]),
    rollback(found, now),
    ...(found.withRecords ? backlog(found) : [noRecords]),
    neverSubmitted,
  ]
}

/** Said of a receipt too. */
export const keyNotPinned =
  'key not pinned: no --key was given, so the key that lies beside the log was believed; whoever can replace the log can replace it'

const noRecords = 'records: only the log was verified, no record was held against its entry'

const neverSubmitted =
  'what was never journalled or archived has no entry: `triptych coverage` and the verdicts tell of calls that only AWS saw'

function rollback(found: Verification, now: number): string {
  const largest = Math.max(...found.kept)
  if (found.kept.length > 0 && largest >= found.size)
    return 'what the holder of key and disk wrote before the kept checkpoint was taken is not judged'
  if (found.kept.length > 0)
    return `entries from ${largest} to ${found.size} stand behind the kept checkpoint: the holder of key and disk could still rewrite those`
  return `no checkpoint from outside was given: a rollback of the whole directory, or a history rewritten by the holder of key and disk, could not be found (${lastOutside(found, now)})`
}

function lastOutside({ published }: Verification, now: number): string {
  const newest = published.toSorted((a, b) => b.at.localeCompare(a.at))[0]
  if (newest === undefined) return 'none was ever published from here'
  return `by its own account the last one went out ${age(now - Date.parse(newest.at))} ago, to ${newest.kind}, with ${newest.size} entries`
}

function backlog({ journals, files }: Verification): readonly string[] {
  const records = journals.reduce((sum, journal) => sum + journal.backlog, 0)
  return records + files.backlog === 0
    ? []
    : [
        `backlog, not a fault: ${records} records and ${files.backlog} files are kept and were no entries when the checkpoint was signed`,
      ]
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}
