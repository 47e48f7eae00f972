import type { HashGzip } from '../../../platform/gzip-hash.ts'
import type { DescribedSource } from '../../../platform/objects/object-source.ts'
import { checkLog } from './check-log.ts'
import { lastPart, type RegionFolders } from './discover.ts'
import type { DigestFinding, DigestNote } from './finding.ts'
import type { LogCoverage, Undigested } from './log-coverage.ts'
import type { Places } from './places.ts'
import { type HourResult, hourMs, hourOf, type RegionCounts, type RegionRecord } from './region-record.ts'
import type { TrailChain } from './trail-chain.ts'
import type { MissingLog } from './validate-region.ts'

/** Which digests count. Times in ms. */
export interface RegionWindow {
  /** Digests whose window ended by then are known already; only the last of them is read again. */
  readonly since: number | undefined
  /** What is later does not count, and up to here digests are expected. */
  readonly until: number
  /** How long after its window a digest may come. */
  readonly toleranceMs: number
}

/** What was found out about one account in one region. */
export interface RegionResult {
  /** The path of the account: two trails of one account may write to different ones. */
  readonly base: string
  readonly account: string
  readonly region: string
  readonly trails: readonly string[]
  readonly counts: RegionCounts
  readonly hours: readonly HourResult[]
  readonly findings: readonly DigestFinding[]
  readonly notes: readonly DigestNote[]
  /** Up to here (ms) all digests have been judged: the `since` of a next time. */
  readonly settledUntil: number | undefined
}

/** A region after all digests were read. */
export interface RegionEnd {
  readonly source: DescribedSource
  readonly places: Places
  readonly hashGzip: HashGzip
  readonly strays: ReadonlyMap<string, string>
  readonly folders: RegionFolders
  readonly window: RegionWindow
  readonly record: RegionRecord
  readonly coverage: LogCoverage
  readonly missing: readonly MissingLog[]
  readonly chains: readonly TrailChain[]
  /** Begin of the first window, ms; infinite without digests. */
  readonly firstStart: number
}

const minuteMs = 60_000

/** Says what can be said only at the end: what is missing, what moved, what nobody digested, what should have come by now. */
export async function concludeRegion(end: RegionEnd): Promise<RegionResult> {
  const { record, coverage, window, chains } = end
  const newest = newestOf(chains)
  if (newest === undefined) noDigests(end)
  else {
    const loose = await pairMoved(end)
    undigested(end, loose, newest)
    newestMissing(end)
  }
  if (coverage.others > 0) record.note('not_logs', coverage.firstOther, coverage.others)
  const from = Math.max(end.firstStart, window.since ?? Number.NEGATIVE_INFINITY)
  const overdue = record.findings.some(({ code }) => code === 'newest_missing')
  const to = overdue ? hourOf(window.until) : (newest ?? Number.NEGATIVE_INFINITY)
  return {
    base: end.folders.base,
    account: end.folders.account,
    region: end.folders.region,
    trails: [...new Set(chains.flatMap(({ newest: last }) => last?.name.trail ?? []))],
    counts: record.counts,
    hours: Number.isFinite(from) && Number.isFinite(to) ? record.hours(from, to) : [],
    findings: record.findings,
    notes: record.notes(),
    settledUntil: settledUntil(chains),
  }
}

function noDigests({ record, coverage, folders }: RegionEnd): void {
  const count = coverage.undigested.length + coverage.more
  const first = coverage.undigested[0]?.key ?? folders.logs ?? folders.base
  if (count > 0) record.find('no_digests', first, `${count} log files`)
}

/** Missing log files whose name lies elsewhere have moved, if their content is right; the rest is missing. Returns what stays loose. */
async function pairMoved(end: RegionEnd): Promise<readonly Undigested[]> {
  const { record, coverage, strays, source, places } = end
  const loose = new Map(coverage.undigested.map((one) => [lastPart(one.key), one]))
  for (const { key, named, hour } of end.missing) {
    const name = lastPart(key)
    const at = loose.get(name)?.key ?? strays.get(name)
    const check = at === undefined ? undefined : await checkLog(source, at, named, end.hashGzip)
    if (at === undefined || check?.code !== undefined) {
      record.find('log_missing', key, at === undefined ? '' : `${at} has its name and another content`, hour)
      continue
    }
    loose.delete(name)
    record.counts.logsValid += 1
    const { original, body } = await source.openDescribed(at)
    body.destroy()
    const said = places.holds(at, { bucket: named.s3Bucket, object: named.s3Object }, original) === 'moved'
    if (said) record.note('moved', at)
    else record.find('log_moved', at, `it was delivered to s3://${named.s3Bucket}/${named.s3Object}`, hour)
  }
  return [...loose.values()]
}

/** What no digest names: older than the chain, not due yet, or a finding per hour. */
function undigested(end: RegionEnd, loose: readonly Undigested[], newest: number): void {
  const { record, window, firstStart } = end
  const period = Math.max(...end.chains.map(({ periodMs }) => periodMs))
  const early = loose.filter(({ at }) => at < firstStart)
  // A name says the minute: the file may have come at its end, behind the newest window.
  const latest = (at: number) => at + minuteMs
  const endOfWindow = (at: number) => newest + Math.ceil((latest(at) - newest) / period) * period
  const due = (at: number) => latest(at) <= newest || window.until > endOfWindow(at) + window.toleranceMs
  const pending = loose.filter(({ at }) => !due(at))
  const [firstEarly] = early
  if (firstEarly !== undefined)
    record.find('logs_before_chain', firstEarly.key, `${early.length} files before ${iso(firstStart)}`)
  const [firstPending] = pending
  if (firstPending !== undefined) record.note('pending', firstPending.key, pending.length)
  const hours = new Map<number, { readonly first: string; count: number }>()
  for (const { key, at } of loose) {
    if (at < firstStart || !due(at)) continue
    const known = hours.get(hourOf(at)) ?? { first: key, count: 0 }
    hours.set(hourOf(at), { ...known, count: known.count + 1 })
  }
  for (const [hour, { first, count }] of hours)
    record.find('log_undigested', first, count === 1 ? '' : `and ${count - 1} more of this hour`, hour)
  if (end.coverage.more > 0) record.find('log_undigested', end.folders.logs ?? '', `${end.coverage.more} further files`)
}

/** Nothing in a chain tells that its end was cut off: only the clock does. */
function newestMissing({ record, chains, window }: RegionEnd): void {
  for (const { newest, periodMs } of chains) {
    if (newest === undefined) continue
    const behind = window.until - newest.name.at
    if (behind <= periodMs + window.toleranceMs) continue
    const detail = `the newest of ${newest.name.trail} ended ${iso(newest.name.at)}; about ${Math.floor(behind / periodMs)} are due until ${iso(window.until)}`
    record.find('newest_missing', newest.key, detail, hourOf(newest.name.at))
  }
}

function newestOf(chains: readonly TrailChain[]): number | undefined {
  const ends = chains.flatMap(({ newest }) => newest?.name.at ?? [])
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** A trail that ended long ago does not hold the others up. */
function settledUntil(chains: readonly TrailChain[]): number | undefined {
  const newest = newestOf(chains)
  if (newest === undefined) return undefined
  const live = chains.flatMap(({ newest: last }) =>
    last !== undefined && newest - last.name.at < 2 * hourMs ? last.name.at : [],
  )
  return Math.min(...live)
}

function iso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
