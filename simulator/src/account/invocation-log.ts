import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { AwsError } from './aws-error.ts'
import { accountId, buckets, regions } from './estate.ts'
import { type Invocation, invocationRecord } from './invocation-record.ts'
import { type Buffered, LogBuffer } from './log-buffer.ts'
import type { ObjectStore } from './object-store.ts'
import type { Random } from './random.ts'
import type { StateFile } from './state.ts'
import type { DeliveryMs } from './trail.ts'

/** Bodies over this stand in objects of their own (AWS Bedrock user guide, model invocation logging). */
const inlineLimit = 100 * 1024
const configSchema = z.looseObject({
  s3Config: z.looseObject({ bucketName: z.string(), keyPrefix: z.string().optional() }).nullish(),
})

/** Model invocation logging: a configuration per region, gz NDJSON batches, large bodies apart. */
export class InvocationLog {
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
    this.#buffers = new Map(regions.map((region) => [region, new LogBuffer(parts.dir, `invocations-${region}`)]))
  }

  configOf(region: string): unknown {
    return this.#state.state.logging[region] ?? undefined
  }

  /**
   * Puts a configuration (null: deletes it). Putting one writes the permission check's empty objects, as AWS does; it
   * throws, and nothing is put, when they cannot be written or the configuration has not its form.
   */
  setConfig(region: string, config: unknown, now: number): void {
    if (config !== null) {
      const parsed = configSchema.safeParse(config)
      if (!parsed.success) throw new AwsError(400, 'ValidationException', 'loggingConfig does not have its form')
      const to = destinationOf(parsed.data)
      if (to !== undefined) this.#checkPermission(to, hourOf(region, now))
    }
    this.#state.state.logging[region] = config
    this.#state.save()
  }

  /** Writes a record, where the region's configuration sends it. */
  write(invocation: Invocation): void {
    const to = destinationOf(configSchema.safeParse(this.configOf(invocation.region)).data)
    if (to === undefined) return
    const extra: Record<string, string> = {}
    const input = bodyOf(invocation, to, 'input', invocation.input, extra)
    const output =
      invocation.output === undefined ? undefined : bodyOf(invocation, to, 'output', invocation.output, extra)
    const [least, most] = this.#delivery()
    const dueAt = Math.max(invocation.at, 0) + least + this.#random.next() * (most - least)
    const record = invocationRecord(invocation, input, output, this.#random.chance(0.5))
    this.#buffers.get(invocation.region)?.add({ dueAt, to, record, extra })
  }

  /** Delivers what is due: one batch per region and destination. */
  deliver(now: number, due = now): void {
    for (const [region, buffer] of this.#buffers) {
      buffer.handOver(due, (taken) => {
        const stamp = new Date(now).toISOString().replace(/[-:.]/g, '')
        for (const [to, entries] of byDestination(taken)) {
          for (const entry of entries) {
            for (const [key, body] of Object.entries(entry.extra ?? {})) this.#put(to, key, Buffer.from(body, 'base64'))
          }
          const text = entries.map((entry) => `${JSON.stringify(entry.record)}\n`).join('')
          this.#put(to, `${hourOf(region, now)}/${stamp}_${this.#random.hex(16)}.json.gz`, gzipSync(text))
        }
      })
    }
  }

  #checkPermission(to: string, hour: string): void {
    try {
      this.#put(to, `${hour}/amazon-bedrock-logs-permission-check`, Buffer.alloc(0))
      this.#put(to, `${hour}/data/amazon-bedrock-logs-permission-check`, Buffer.alloc(0))
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      throw new AwsError(400, 'ValidationException', 'Failed to validate permissions for log destination')
    }
  }

  #put(to: string, key: string, body: Buffer): void {
    const slash = to.indexOf('/')
    this.#store.put(to.slice(0, slash), `${to.slice(slash + 1)}${key}`, body)
  }
}

/** Where S3 records go: `bucket/` and, ending in a slash, the prefix. Undefined: nowhere in S3. */
function destinationOf(config: z.infer<typeof configSchema> | undefined): string | undefined {
  const s3 = config?.s3Config
  if (s3 === undefined || s3 === null) return undefined
  const prefix = s3.keyPrefix ?? ''
  return `${s3.bucketName}/${prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`}`
}

function byDestination(entries: readonly Buffered[]): ReadonlyMap<string, readonly Buffered[]> {
  const groups = new Map<string, Buffered[]>()
  for (const entry of entries) {
    const to = entry.to ?? `${buckets.invocations}/`
    groups.set(to, [...(groups.get(to) ?? []), entry])
  }
  return groups
}

/** A body inline, or, when it is too large, its path; the object itself goes to `extra`. */
function bodyOf(
  invocation: Invocation,
  to: string,
  name: 'input' | 'output',
  body: unknown,
  extra: Record<string, string>,
): Record<string, unknown> {
  const text = JSON.stringify(body)
  if (Buffer.byteLength(text) <= inlineLimit) return { [`${name}BodyJson`]: body }
  const key = `${hourOf(invocation.region, invocation.at)}/data/${invocation.requestId}_${name}.json.gz`
  extra[key] = gzipSync(text).toString('base64')
  return { [`${name}BodyS3Path`]: `s3://${to}${key}` }
}

function hourOf(region: string, at: number): string {
  const iso = new Date(at).toISOString()
  return `AWSLogs/${accountId}/BedrockModelInvocationLogs/${region}/${iso.slice(0, 10).replaceAll('-', '/')}/${iso.slice(11, 13)}`
}
