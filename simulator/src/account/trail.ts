import { gzipSync } from 'node:zlib'
import type { Digests } from './digests.ts'
import { accountId, buckets, regions } from './estate.ts'
import { LogBuffer } from './log-buffer.ts'
import type { ObjectStore } from './object-store.ts'
import type { Random } from './random.ts'
import type { State, StateFile } from './state.ts'
import { type ApiEvent, companion, toRecord } from './trail-record.ts'

/** How long after a call its file is delivered, ms. */
export type DeliveryMs = readonly [least: number, most: number]

/** The account's trails: one per region, writing `{"Records":[…]}` files as CloudTrail does. */
export class Trail {
  readonly #state: StateFile
  readonly #random: Random
  readonly #store: ObjectStore
  readonly #digests: Digests
  readonly #delivery: () => DeliveryMs
  readonly #buffers: ReadonlyMap<string, LogBuffer>

  constructor(parts: {
    state: StateFile
    random: Random
    store: ObjectStore
    digests: Digests
    dir: string
    delivery: () => DeliveryMs
  }) {
    this.#state = parts.state
    this.#random = parts.random
    this.#store = parts.store
    this.#digests = parts.digests
    this.#delivery = parts.delivery
    this.#buffers = new Map(regions.map((region) => [region, new LogBuffer(parts.dir, `cloudtrail-${region}`)]))
  }

  isLogging(region: string): boolean {
    return this.#state.state.trails[region] === true
  }

  /** When the trail was last started and stopped, and last delivered a file. */
  timesOf(region: string): State['trailTimes'][string] {
    return this.#state.state.trailTimes[region] ?? {}
  }

  /** Starts or stops a trail at `at`. */
  setLogging(region: string, on: boolean, at: number): void {
    this.#state.state.trails[region] = on
    this.#note(region, on ? { started: at } : { stopped: at })
    if (on) this.#digests.begin(region, at)
    else this.#digests.end(region, at)
  }

  #note(region: string, times: State['trailTimes'][string]): void {
    this.#state.state.trailTimes[region] = { ...this.timesOf(region), ...times }
    this.#state.save()
  }

  /** Writes an event, unless the region's trail is stopped. */
  write(event: ApiEvent): void {
    if (!this.isLogging(event.region)) return
    const record = toRecord(event, this.#random)
    this.#add(event.region, event.at, record)
    // AWS may deliver an event twice, with the same eventID.
    if (this.#random.chance(0.02)) this.#add(event.region, event.at, record)
    if (event.errorCode === undefined && event.eventName.startsWith('Invoke') && this.#random.chance(0.2)) {
      this.#add(event.region, event.at, companion(event, this.#random))
    }
  }

  /** Delivers what is due: one file per region; digests of windows that are over before it, final ones behind it. */
  deliver(now: number, due = now): void {
    this.#digests.write(now, () => true)
    for (const [region, buffer] of this.#buffers) {
      buffer.handOver(due, (taken) => {
        const records = taken.map((entry) => entry.record).sort(() => this.#random.next() - 0.5)
        const day = new Date(now).toISOString()
        const stamp = `${day.slice(0, 10).replaceAll('-', '')}T${day.slice(11, 13)}${day.slice(14, 16)}Z`
        const name = `${accountId}_CloudTrail_${region}_${stamp}_${this.#random.code(16)}.json.gz`
        const key = `AWSLogs/${accountId}/CloudTrail/${region}/${day.slice(0, 10).replaceAll('-', '/')}/${name}`
        const text = JSON.stringify({ Records: records })
        this.#store.put(buckets.trail, key, gzipSync(text))
        const times = records.map((record) => String(record['eventTime']))
        this.#digests.delivered(region, key, text, times, now)
        this.#note(region, { delivered: now })
      })
    }
    this.#digests.write(now, (region) => this.#buffers.get(region)?.isEmpty === false)
  }

  #add(region: string, at: number, record: Record<string, unknown>): void {
    const [least, most] = this.#delivery()
    this.#buffers.get(region)?.add({ dueAt: at + least + this.#random.next() * (most - least), record })
  }
}
