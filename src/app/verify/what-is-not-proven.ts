import type { Verification } from './verify-directory.ts'

/** What a verification does not prove, in sentences: an answer without its limits would say more than it knows. */
export function whatIsNotProven(found: Verification, now: number): readonly string[] {
  return [
    ...(found.keyPinned ? [] : [keyNotPinned]),
    rollback(found, now),
    ...(found.withRecords ? [...backlog(found, now), vault, tables] : [noRecords]),
    neverSubmitted,
  ]
}

/** Said of a receipt too. */
export const keyNotPinned =
  'key not pinned: no --key was given, so the key that lies beside the log was believed; whoever can replace the log can replace it'

const noRecords = 'records: only the log was verified, no record was held against its entry'

const vault =
  'the vault: bodies and names are no entries, so what was taken out of `vault/` or `identities/`, or changed there, is not found'

const tables =
  'the tables: every command and the console answer from them, and nothing here was held against them; `triptych rebuild` makes them again from archive and journals'

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

function backlog({ journals, files }: Verification, now: number): readonly string[] {
  const records = journals.reduce((sum, journal) => sum + journal.backlog, 0)
  if (records + files.backlog === 0) return []
  const oldest = [...journals, files].flatMap((one) => one.oldest ?? []).sort()[0]
  const since =
    oldest === undefined ? '' : `; the oldest was written ${age(now - Date.parse(oldest))} ago, by its own account`
  return [
    `backlog, not a fault: ${records} records and ${files.backlog} files are kept and were no entries when the checkpoint was signed${since}`,
  ]
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}
