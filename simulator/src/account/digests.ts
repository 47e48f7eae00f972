import { gunzipSync } from 'node:zlib'
import { sha256 } from './canonical-request.ts'
import { type WrittenDigest, writeDigest } from './digest-file.ts'
import type { DigestChain, DigestedLog, DigestState, PreviousDigest } from './digest-state.ts'
import { accountId, buckets, regions } from './estate.ts'
import type { ObjectStore } from './object-store.ts'
import type { SigningKeys } from './signing-keys.ts'

const hourMs = 3_600_000
/** A chain that is more periods behind than this (the account was off, its period is seconds) catches up by the hour. */
const mostPeriodsBehind = 48

/** The digests of the account's trails: a chain per region while logging and validation are on. */
export class Digests {
  readonly #state: DigestState
  readonly #keys: SigningKeys
  readonly #store: ObjectStore
  readonly #periodMs: () => number

  constructor(parts: { state: DigestState; keys: SigningKeys; store: ObjectStore; periodMs: () => number }) {
    this.#state = parts.state
    this.#keys = parts.keys
    this.#store = parts.store
    this.#periodMs = parts.periodMs
  }

  isOn(region: string): boolean {
    return this.#state.state.validation[region] === true
  }

  /** Switches validation at `at` (ms); with `logging`, a chain begins or ends. */
  setValidation(region: string, on: boolean, logging: boolean, at: number): void {
    if (this.isOn(region) === on) return
    this.#state.state.validation[region] = on
    if (on && logging) this.begin(region, at)
    if (!on) this.end(region, at)
    this.#state.save()
  }

  /** Logging began at `at` (ms): where validation is on, so does a chain, with a starting digest. */
  begin(region: string, at: number): void {
    if (!this.isOn(region)) return
    const open = this.#chain(region)
    if (open !== undefined && open.ending === null) return
    // What was still open is closed first, where it was ended.
    if (open !== undefined) this.#finish(region, open)
    this.#state.state.chains[region] = { start: wholeSecond(at), previous: null, files: [], ending: null }
    this.#state.save()
  }

  /** Logging or validation ended at `at` (ms): a final digest follows when the last file is delivered. */
  end(region: string, at: number): void {
    const open = this.#chain(region)
    if (open === undefined || open.ending !== null) return
    open.ending = at
    this.#state.save()
  }

  /** Takes note of a log file that was delivered at `at` (ms). */
  delivered(region: string, key: string, text: string, events: readonly string[], at: number): void {
    const open = this.#chain(region)
    if (open === undefined) return
    const times = [...events].sort()
    const [oldest = '', newest = ''] = [times[0], times.at(-1)]
    open.files.push({ key, hash: sha256(text), oldest, newest, at })
    this.#state.save()
  }

  /** Writes the digests whose windows are over, and final ones where nothing waits for delivery any more. */
  write(now: number, waiting: (region: string) => boolean): void {
    for (const region of regions) {
      const open = this.#chain(region)
      if (open === undefined) continue
      if (open.ending !== null) {
        if (!waiting(region)) this.#finish(region, open)
        continue
      }
      for (let end = this.#nextEnd(open, now); end <= now; end = this.#nextEnd(open, now))
        this.#write(region, open, end)
    }
  }

  /** Digests the region's log files that no digest names, an hour in each, as AWS does when it was late. Returns the keys. */
  backfill(region: string, now: number): readonly string[] {
    const waiting = (this.#chain(region)?.files ?? []).map(({ key }) => key)
    const named = new Set([...waiting, ...this.#digestKeys(region).flatMap((key) => this.#namedIn(key))])
    const late = this.#logKeys(region).filter((key) => !named.has(key))
    const keys: string[] = []
    let previous: PreviousDigest | null = null
    for (const [hour, files] of byHour(late.map((key) => this.#fileOf(key)))) {
      const written: WrittenDigest = this.#put(region, {
        start: hour,
        end: hour + hourMs,
        previous,
        files,
        backfilledAt: now,
      })
      previous = written.asPrevious
      keys.push(written.key)
    }
    return keys
  }

  #nextEnd({ start }: DigestChain, now: number): number {
    const period = this.#periodMs()
    const behind = Math.floor((now - start) / period)
    return start + (behind > mostPeriodsBehind ? Math.min(Math.max(period, hourMs), behind * period) : period)
  }

  #finish(region: string, open: DigestChain): void {
    const last = Math.max(open.ending ?? 0, ...open.files.map(({ at }) => at + 1_000))
    this.#write(region, open, last)
    delete this.#state.state.chains[region]
    this.#state.save()
  }

  #write(region: string, open: DigestChain, until: number): void {
    const end = wholeSecond(until)
    if (end <= open.start) return
    const files = open.files.filter(({ at }) => at < end)
    const { asPrevious } = this.#put(region, { start: open.start, end, previous: open.previous, files })
    open.files = open.files.filter(({ at }) => at >= end)
    open.start = end
    open.previous = asPrevious
    this.#state.save()
  }

  #put(
    region: string,
    window: {
      readonly start: number
      readonly end: number
      readonly previous: PreviousDigest | null
      readonly files: readonly Omit<DigestedLog, 'at'>[]
      readonly backfilledAt?: number
    },
  ): WrittenDigest {
    const written = writeDigest({
      accountId,
      region,
      trail: `triptych-sim-trail-${region}`,
      homeRegion: region,
      bucket: buckets.trail,
      root: 'AWSLogs',
      ...window,
      signer: this.#keys.keyAt(region, window.backfilledAt ?? window.end),
    })
    this.#store.put(buckets.trail, written.key, written.body, written.metadata)
    return written
  }

  #chain(region: string): DigestChain | undefined {
    return this.#state.state.chains[region]
  }

  #logKeys(region: string): readonly string[] {
    return this.#store.keys(buckets.trail, `AWSLogs/${accountId}/CloudTrail/${region}/`)
  }

  #digestKeys(region: string): readonly string[] {
    return this.#store.keys(buckets.trail, `AWSLogs/${accountId}/CloudTrail-Digest/${region}/`)
  }

  #textOf(key: string): string {
    return gunzipSync(this.#store.get(buckets.trail, key)).toString('utf8')
  }

  #namedIn(key: string): readonly string[] {
    return JSON.parse(this.#textOf(key)).logFiles.map((file: { readonly s3Object: string }) => file.s3Object)
  }

  #fileOf(key: string): DigestedLog {
    const text = this.#textOf(key)
    const times: string[] = JSON.parse(text)
      .Records.map((record: { readonly eventTime: string }) => record.eventTime)
      .sort()
    const stamp = /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_/.exec(key)?.slice(1).map(Number) ?? []
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = stamp
    const at = Date.UTC(year, month - 1, day, hour, minute)
    return { key, hash: sha256(text), oldest: times[0] ?? '', newest: times.at(-1) ?? '', at }
  }
}

function byHour(files: readonly DigestedLog[]): ReadonlyMap<number, readonly DigestedLog[]> {
  const hours = new Map<number, DigestedLog[]>()
  for (const file of files.toSorted((a, b) => a.at - b.at)) {
    const hour = Math.floor(file.at / hourMs) * hourMs
    hours.set(hour, [...(hours.get(hour) ?? []), file])
  }
  return hours
}

function wholeSecond(at: number): number {
  return Math.floor(at / 1000) * 1000
}
