import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { accountId, buckets, regions } from './estate.ts'
import { seconds } from './identity.ts'
import { LogBuffer } from './log-buffer.ts'
import type { ObjectStore } from './object-store.ts'
import type { Random } from './random.ts'
import type { StateFile } from './state.ts'
import type { DeliveryMs } from './trail.ts'

/** A call as the invocation log is told of it. Bodies as they were, parsed. */
export interface Invocation {
  readonly at: number
  readonly region: string
  readonly arn: string
  readonly requestId: string
  readonly operation: string
  readonly modelId: string
  readonly inferenceRegion: string | undefined
  readonly requestMetadata: unknown
  readonly errorCode: string | undefined
  readonly input: unknown
  readonly output: unknown
  readonly tokens:
    | { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number }
    | undefined
}

/** Bodies over this stand in objects of their own (AWS Bedrock user guide, model invocation logging). */
const inlineLimit = 100 * 1024
const configSchema = z.looseObject({
  s3Config: z.looseObject({ bucketName: z.string(), keyPrefix: z.string().optional() }).optional(),
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

  /** Puts a configuration (null: deletes it). Putting one writes the permission check's empty objects, as AWS does. */
  setConfig(region: string, config: unknown, now: number): void {
    this.#state.state.logging[region] = config
    this.#state.save()
    if (config === null) return
    const hour = this.#hour(region, now)
    this.#store.put(buckets.invocations, `${hour}/amazon-bedrock-logs-permission-check`, Buffer.alloc(0))
    this.#store.put(buckets.invocations, `${hour}/data/amazon-bedrock-logs-permission-check`, Buffer.alloc(0))
  }

  write(invocation: Invocation): void {
    if (configSchema.safeParse(this.configOf(invocation.region)).data?.s3Config === undefined) return
    const extra: Record<string, string> = {}
    const input = this.#body(invocation, 'input', invocation.input, extra)
    const output =
      invocation.output === undefined ? undefined : this.#body(invocation, 'output', invocation.output, extra)
    const [least, most] = this.#delivery()
    const dueAt = Math.max(invocation.at, 0) + least + this.#random.next() * (most - least)
    this.#buffers.get(invocation.region)?.add({ dueAt, record: this.#record(invocation, input, output), extra })
  }

  deliver(now: number, due = now): void {
    for (const [region, buffer] of this.#buffers) {
      const taken = buffer.takeDue(due)
      if (taken.length === 0) continue
      for (const entry of taken) {
        for (const [key, body] of Object.entries(entry.extra ?? {}))
          this.#store.put(buckets.invocations, key, Buffer.from(body, 'base64'))
      }
      const stamp = new Date(now).toISOString().replace(/[-:.]/g, '')
      const text = taken.map((entry) => `${JSON.stringify(entry.record)}\n`).join('')
      this.#store.put(
        buckets.invocations,
        `${this.#hour(region, now)}/${stamp}_${this.#random.hex(16)}.json.gz`,
        gzipSync(text),
      )
    }
  }

  #record(
    invocation: Invocation,
    input: Record<string, unknown>,
    output: Record<string, unknown> | undefined,
  ): Record<string, unknown> {
    const { tokens } = invocation
    const schema = { schemaType: 'ModelInvocationLog', schemaVersion: '1.0' }
    const middle = {
      timestamp: seconds(invocation.at),
      accountId,
      region: invocation.region,
      requestId: invocation.requestId,
      operation: invocation.operation,
      modelId: invocation.modelId,
      ...(invocation.requestMetadata === undefined ? {} : { requestMetadata: invocation.requestMetadata }),
      ...(invocation.errorCode === undefined ? {} : { errorCode: invocation.errorCode }),
      input: {
        inputContentType: 'application/json',
        ...input,
        ...(tokens === undefined
          ? {}
          : {
              inputTokenCount: tokens.input,
              cacheReadInputTokenCount: tokens.cacheRead,
              cacheWriteInputTokenCount: tokens.cacheWrite,
            }),
      },
      ...(output === undefined
        ? {}
        : {
            output: {
              outputContentType: 'application/json',
              ...output,
              ...(tokens === undefined ? {} : { outputTokenCount: tokens.output }),
            },
          }),
      identity: { arn: invocation.arn },
      ...(invocation.inferenceRegion === undefined ? {} : { inferenceRegion: invocation.inferenceRegion }),
    }
    // Older files begin with the schema, newer ones end with it.
    return this.#random.chance(0.5) ? { ...schema, ...middle } : { ...middle, ...schema }
  }

  #body(
    invocation: Invocation,
    name: 'input' | 'output',
    body: unknown,
    extra: Record<string, string>,
  ): Record<string, unknown> {
    const text = JSON.stringify(body)
    if (Buffer.byteLength(text) <= inlineLimit) return { [`${name}BodyJson`]: body }
    const key = `${this.#hour(invocation.region, invocation.at)}/data/${invocation.requestId}_${name}.json.gz`
    extra[key] = gzipSync(text).toString('base64')
    return { [`${name}BodyS3Path`]: `s3://${buckets.invocations}/${key}` }
  }

  #hour(region: string, at: number): string {
    const iso = new Date(at).toISOString()
    return `AWSLogs/${accountId}/BedrockModelInvocationLogs/${region}/${iso.slice(0, 10).replaceAll('-', '/')}/${iso.slice(11, 13)}`
  }
}
