import { BoundedWork, inOrder } from '../../../platform/bounded-work.ts'
import type { HashGzip } from '../../../platform/gzip-hash.ts'
import type { DescribedSource, SourceObject } from '../../../platform/objects/object-source.ts'
import { checkLog } from './check-log.ts'
import { parseDeliveredName } from './delivered-name.ts'
import type { NamedLog } from './digest-document.ts'
import { lastPart, type RegionFolders } from './discover.ts'
import { judgeDigest } from './judge-digest.ts'
import { judgeLink } from './judge-link.ts'
import { type DigestName, type LoadedDigest, loadDigest } from './loaded-digest.ts'
import { dayOf, LogCoverage } from './log-coverage.ts'
import type { Places } from './places.ts'
import type { KeySource } from './public-keys.ts'
import { hourOf, RegionRecord } from './region-record.ts'
import { concludeRegion, type RegionResult, type RegionWindow } from './region-result.ts'
import { type InChain, TrailChain } from './trail-chain.ts'

/** What validating a region needs. */
export interface RegionParts {
  readonly source: DescribedSource
  readonly places: Places
  readonly keys: KeySource
  readonly hashGzip: HashGzip
  /** Delivered files outside of the layout, by the last part of their name. */
  readonly strays: ReadonlyMap<string, string>
  readonly onProgress: (done: { readonly digests: number; readonly logs: number }) => void
}

/** At most so many objects are open at a time: digests that are read ahead, and log files. */
const digestsAhead = 12
const logsAtOnce = 48
const dayMs = 86_400_000
/** Names say minutes; a file may be that much older than its name's window. */
const minuteMs = 60_000

/** A log file that is not as its digest says. */
export interface MissingLog {
  readonly key: string
  readonly named: NamedLog
  readonly hour: number
}

/** Validates the digests of one account in one region within a window, the log files they name, and that they name all. */
export async function validateRegion(
  parts: RegionParts,
  folders: RegionFolders,
  window: RegionWindow,
): Promise<RegionResult> {
  const run = new RegionRun(parts, folders, window)
  try {
    await run.digests()
    return await run.conclude()
  } finally {
    await run.coverage.close()
  }
}

class RegionRun {
  readonly #parts: RegionParts
  readonly #folders: RegionFolders
  readonly #window: RegionWindow
  readonly #work = new BoundedWork(logsAtOnce)
  readonly #chains = new Map<string, TrailChain>()
  readonly #missing: MissingLog[] = []
  readonly record: RegionRecord
  readonly coverage: LogCoverage
  #firstStart = Number.POSITIVE_INFINITY

  constructor(parts: RegionParts, folders: RegionFolders, window: RegionWindow) {
    this.#parts = parts
    this.#folders = folders
    this.#window = window
    this.record = new RegionRecord(folders.account, folders.region)
    const from = window.since === undefined ? undefined : window.since - minuteMs
    this.coverage = new LogCoverage(parts.source, folders.logs, from)
  }

  /** Late digests first: what they name is not undigested. Then the others in the order of time. */
  async digests(): Promise<void> {
    const objects = await this.#list()
    const load = ({ object, name }: ListedDigest) => loadDigest(this.#parts.source, name, object)
    for (const backfill of [true, false]) {
      const listed = objects.filter(({ name }) => name.backfill === backfill)
      for await (const digest of inOrder(listed, digestsAhead, load)) {
        if (digest === undefined) continue
        await this.#take(digest)
        if (!backfill) await this.coverage.advance(Date.parse(`${dayIso(digest.name.at)}T00:00:00Z`) - dayMs)
      }
      for (const chain of this.#chainsOf(backfill)) await this.#judge(chain.end())
    }
    await this.#work.idle()
  }

  async conclude(): Promise<RegionResult> {
    await this.coverage.advance(this.#window.until)
    return concludeRegion({
      ...this.#parts,
      folders: this.#folders,
      window: this.#window,
      record: this.record,
      coverage: this.coverage,
      missing: this.#missing,
      chains: this.#chainsOf(false),
      firstStart: this.#firstStart,
    })
  }

  /** The region's digests; of those before the window the last of each trail, and whatever names files of its first minute. */
  async #list(): Promise<readonly ListedDigest[]> {
    const { since, until } = this.#window
    const folder = this.#folders.digests
    if (folder === undefined) return []
    const listed: ListedDigest[] = []
    const contexts = new Map<string, ListedDigest>()
    const recent: ListedDigest[] = []
    const after = since === undefined ? undefined : `${folder}${dayOf(since - 2 * dayMs)}`
    for await (const object of this.#parts.source.list(after, folder)) {
      const name = parseDeliveredName(object.key)
      if (name?.kind !== 'digest') continue
      if (name.at > until) continue
      if (since !== undefined && name.at <= since - minuteMs) contexts.set(chainName(name), { object, name })
      else if (since !== undefined && name.at <= since) recent.push({ object, name })
      else listed.push({ object, name })
    }
    // By the time in their names: a file that was moved to another day stays in its place of the chain.
    return [...contexts.values(), ...recent, ...listed].toSorted((a, b) => a.name.at - b.name.at)
  }

  #chainsOf(backfill: boolean): readonly TrailChain[] {
    return [...this.#chains.values()].filter(({ newest }) => newest?.name.backfill === backfill)
  }

  async #take(digest: LoadedDigest): Promise<void> {
    for (const named of digest.document?.logFiles ?? []) {
      const key = this.#keyOf(named, digest)
      if (key !== undefined) this.coverage.name(key, named.hashValue)
    }
    if (digest.document !== undefined && !digest.name.backfill)
      this.#firstStart = Math.min(this.#firstStart, Date.parse(digest.document.digestStartTime))
    const name = chainName(digest.name)
    const chain = this.#chains.get(name) ?? new TrailChain()
    this.#chains.set(name, chain)
    await this.#judge(chain.push(digest))
  }

  async #judge(found: InChain | undefined): Promise<void> {
    if (found === undefined || this.#isContext(found.digest)) return
    const { digest, before, fromSuccessor } = found
    const { record } = this
    const { document } = digest
    const start = document === undefined ? digest.name.at - 1 : Date.parse(document.digestStartTime)
    const hour = hourOf(start)
    record.addWindow(start, digest.name.at)
    record.counts[digest.name.backfill ? 'backfill' : 'digests'] += 1
    const own = await judgeDigest(digest, fromSuccessor, this.#parts.places, this.#parts.keys)
    record.take(own, hour)
    // What a digest in the place of another says of the one before it means nothing there.
    const misplaced = own.findings.some(({ code }) => code === 'digest_moved') && !isNamedAs(digest)
    if (document !== undefined && !misplaced) {
      const load = (key: string) => this.#load(key)
      record.take(await judgeLink({ digest, document, before, load, places: this.#parts.places }), hour)
    }
    if (own.signed) {
      record.counts.digestsSigned += 1
      for (const named of document?.logFiles ?? []) await this.#work.add(() => this.#checkLog(named, digest, hour))
    }
    this.#tell()
  }

  async #checkLog(named: NamedLog, digest: LoadedDigest, hour: number): Promise<void> {
    const { record, coverage } = this
    const key = this.#keyOf(named, digest)
    record.counts.logs += 1
    record.addLog(hour)
    this.#tell()
    const location = `s3://${named.s3Bucket}/${named.s3Object}`
    if (key === undefined) return record.find('log_missing', location, 'its bucket or prefix was not given', hour)
    const { code, detail, hash } = await checkLog(this.#parts.source, key, named, this.#parts.hashGzip)
    if (code === undefined) record.counts.logsValid += 1
    else if (code === 'log_missing') this.#missing.push({ key, named, hour })
    else if (code === 'log_altered') {
      const other = coverage.holderOf(hash, key) ?? siblingWith(hash, named, digest)
      if (other === undefined) record.find(code, key, `named by ${digest.key}`, hour)
      else record.find('log_swapped', key, `the content is that of ${other}`, hour)
    } else record.find(code, key, detail, hour)
  }

  async #load(key: string): Promise<LoadedDigest | undefined> {
    const name = parseDeliveredName(key)
    if (name?.kind !== 'digest') return undefined
    return loadDigest(this.#parts.source, name, { key, bytes: -1 })
  }

  #keyOf({ s3Bucket, s3Object }: NamedLog, digest: LoadedDigest): string | undefined {
    return this.#parts.places.keyOf({ bucket: s3Bucket, object: s3Object }, digest.key)
  }

  #isContext({ name }: LoadedDigest): boolean {
    return this.#window.since !== undefined && name.at <= this.#window.since
  }

  #tell(): void {
    const { digests, backfill, logs } = this.record.counts
    this.#parts.onProgress({ digests: digests + backfill, logs })
  }
}

interface ListedDigest {
  readonly object: SourceObject
  readonly name: DigestName
}

function isNamedAs({ key, document }: LoadedDigest): boolean {
  return document !== undefined && lastPart(document.digestS3Object) === lastPart(key)
}

function chainName({ trail, homeRegion, backfill }: DigestName): string {
  return `${trail} ${homeRegion} ${backfill}`
}

/** Of files that a listing has passed already, their digest still knows the hash. */
function siblingWith(hash: string, named: NamedLog, { document }: LoadedDigest): string | undefined {
  return document?.logFiles.find((one) => one !== named && one.hashValue === hash)?.s3Object
}

function dayIso(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
