import { z } from 'zod'
import type { Metering } from '../../../record/gateway-call.ts'

/** What has been read so far; a field nobody measured stays absent. */
export type Reading = { -readonly [K in keyof Metering]?: Metering[K] }

const cacheCreation = z.object({ ephemeral_1h_input_tokens: z.number().int().nonnegative() })

type Field = 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens'

/** Who counts tokens, and under which names: an Anthropic message or stream event, Converse, and Bedrock in a stream's last chunk. */
const dialects = {
  anthropic: {
    inputTokens: 'input_tokens',
    outputTokens: 'output_tokens',
    cacheReadTokens: 'cache_read_input_tokens',
    cacheWriteTokens: 'cache_creation_input_tokens',
  },
  converse: {
    inputTokens: 'inputTokens',
    outputTokens: 'outputTokens',
    cacheReadTokens: 'cacheReadInputTokens',
    cacheWriteTokens: 'cacheWriteInputTokens',
  },
  invocationMetrics: {
    inputTokens: 'inputTokenCount',
    outputTokens: 'outputTokenCount',
    cacheReadTokens: 'cacheReadInputTokenCount',
    cacheWriteTokens: 'cacheWriteInputTokenCount',
  },
} as const satisfies Record<string, Record<Field, string>>

const fields: readonly Field[] = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens']
const counts = z.record(z.string(), z.unknown())
const count = z.number().int().nonnegative()

/** Takes the counts of a usage object; false, and nothing is taken, when it is none or a count is malformed. */
export function readUsage(dialect: keyof typeof dialects, value: unknown, reading: Reading): boolean {
  const usage = counts.safeParse(value)
  if (!usage.success) return false
  const found: [Field, number][] = []
  for (const field of fields) {
    const said = usage.data[dialects[dialect][field]] ?? undefined
    if (said === undefined) continue
    const parsed = count.safeParse(said)
    if (!parsed.success) return false
    found.push([field, parsed.data])
  }
  for (const [field, tokens] of found) reading[field] = tokens
  readHourLongWrites(usage.data['cache_creation'], reading)
  return true
}

/** Of the cache writes those that last an hour, and cost more (Anthropic API reference, prompt caching: usage.cache_creation). */
export function readHourLongWrites(value: unknown, reading: Reading): void {
  const creation = cacheCreation.safeParse(value)
  if (creation.success) reading.cacheWrite1hTokens = creation.data.ephemeral_1h_input_tokens
}

/** Keeps a stop reason of the known form, nothing else of what the model wrote. */
export function readStopReason(value: unknown, reading: Reading): void {
  if (typeof value === 'string' && /^[a-z_]{1,48}$/.test(value)) reading.stopReason = value
}

/** The finished reading. */
export function finish(reading: Reading): Metering {
  return {
    ...reading,
    tokensFrom: reading.tokensFrom ?? 'none',
    stopReason: reading.stopReason ?? '',
    complete: reading.complete ?? false,
    streamError: reading.streamError ?? '',
  }
}
