import { gzipSync } from 'node:zlib'
import { accountId, buckets, regions } from './estate.ts'
import { type Caller, seconds } from './identity.ts'
import { LogBuffer } from './log-buffer.ts'
import type { ObjectStore } from './object-store.ts'
import type { Random } from './random.ts'
import type { StateFile } from './state.ts'

/** An API call as CloudTrail is told of it. */
export interface ApiEvent {
  readonly at: number
  readonly region: string
  readonly eventSource: string
  readonly eventName: string
  readonly caller: Caller
  readonly sourceAddress: string
  readonly userAgent: string
  readonly host: string
  readonly requestId: string
  readonly requestParameters: unknown
  readonly responseElements?: unknown
  readonly readOnly: boolean
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly additionalEventData?: Readonly<Record<string, unknown>>
}

/** How long after a call its file is delivered, ms. */
export type DeliveryMs = readonly [least: number, most: number]

/** The account's trails: one per region, writing `{"Records":[…]}` files as CloudTrail does. */
export class Trail {
  readonly #state: StateFile
  readonly #random: Random
  readonly #store: ObjectStore
  readonly #delivery: () => DeliveryMs
  readonly #buffers: ReadonlyMap<string, LogBuffer>

  constructor(parts: {
    state: StateFile
    random: Random
    store: ObjectStore
    dir: string
    delivery: () => DeliveryMs
  }) {
    this.#state = parts.state
    this.#random = parts.random
    this.#store = parts.store
    this.#delivery = parts.delivery
    this.#buffers = new Map(regions.map((region) => [region, new LogBuffer(parts.dir, `cloudtrail-${region}`)]))
  }

  isLogging(region: string): boolean {
    return this.#state.state.trails[region] === true
  }

  setLogging(region: string, on: boolean): void {
    this.#state.state.trails[region] = on
    this.#state.save()
  }

  /** Writes an event, unless the region's trail is stopped. Returns its record. */
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

  /** Delivers what is due: one file per region. */
  deliver(now: number, due = now): void {
    for (const [region, buffer] of this.#buffers) {
      const taken = buffer.takeDue(due)
      if (taken.length === 0) continue
      const records = taken.map((entry) => entry.record).sort(() => this.#random.next() - 0.5)
      const day = new Date(now).toISOString()
      const stamp = `${day.slice(0, 10).replaceAll('-', '')}T${day.slice(11, 13)}${day.slice(14, 16)}Z`
      const name = `${accountId}_CloudTrail_${region}_${stamp}_${this.#random.code(16)}.json.gz`
      const key = `AWSLogs/${accountId}/CloudTrail/${region}/${day.slice(0, 10).replaceAll('-', '/')}/${name}`
      this.#store.put(buckets.trail, key, gzipSync(JSON.stringify({ Records: records })))
    }
  }

  #add(region: string, at: number, record: Record<string, unknown>): void {
    const [least, most] = this.#delivery()
    this.#buffers.get(region)?.add({ dueAt: at + least + this.#random.next() * (most - least), record })
  }
}

/** A record in CloudTrail's form (CloudTrail user guide, record contents). */
function toRecord(event: ApiEvent, random: Random): Record<string, unknown> {
  return {
    eventVersion: '1.11',
    userIdentity: event.caller.userIdentity,
    eventTime: seconds(event.at),
    eventSource: event.eventSource,
    eventName: event.eventName,
    awsRegion: event.region,
    sourceIPAddress: event.sourceAddress,
    userAgent: event.userAgent.slice(0, 1024),
    ...(event.errorCode === undefined ? {} : { errorCode: event.errorCode, errorMessage: event.errorMessage ?? '' }),
    requestParameters: event.requestParameters,
    responseElements: event.responseElements ?? null,
    ...(event.additionalEventData === undefined ? {} : { additionalEventData: event.additionalEventData }),
    requestID: event.requestId,
    eventID: random.uuid(),
    readOnly: event.readOnly,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: 'Management',
    tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: event.host },
  }
}

/** The service event that sometimes accompanies an inference call; third-party reports only, so it is played now and then. */
function companion(event: ApiEvent, random: Random): Record<string, unknown> {
  return {
    eventVersion: '1.11',
    userIdentity: { accountId, invokedBy: 'bedrock.amazonaws.com' },
    eventTime: seconds(event.at),
    eventSource: event.eventSource,
    eventName: event.eventName,
    awsRegion: event.region,
    sourceIPAddress: 'bedrock.amazonaws.com',
    userAgent: 'bedrock.amazonaws.com',
    requestParameters: null,
    responseElements: null,
    requestID: random.uuid(),
    eventID: random.uuid(),
    readOnly: true,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: accountId,
    serviceEventDetails: { parentRequestId: event.requestId },
    eventCategory: 'Management',
  }
}
