import { z } from 'zod'
import type { Metering } from '../../../record/gateway-call.ts'

/** What has been read so far; a field nobody measured stays absent. */
export type Reading = { -readonly [K in keyof Metering]?: Metering[K] }

const count = z.number().int().nonnegative()
const anthropicUsage = z.object({
  input_tokens: count.optional(),
  output_tokens: count.optional(),
  cache_read_input_tokens: count.nullish(),
  cache_creation_input_tokens: count.nullish(),
})
const converseUsage = z.object({
  inputTokens: count.optional(),
  outputTokens: count.optional(),
  cacheReadInputTokens: count.nullish(),
  cacheWriteInputTokens: count.nullish(),
})
const invocationMetrics = z.object({
  inputTokenCount: count.optional(),
  outputTokenCount: count.optional(),
  cacheReadInputTokenCount: count.nullish(),
  cacheWriteInputTokenCount: count.nullish(),
})

type Field = 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens'

/** `usage` of an Anthropic message or stream event. */
export function readAnthropicUsage(value: unknown, reading: Reading): void {
  const usage = anthropicUsage.safeParse(value)
  if (!usage.success) return
  set(reading, 'inputTokens', usage.data.input_tokens)
  set(reading, 'outputTokens', usage.data.output_tokens)
  set(reading, 'cacheReadTokens', usage.data.cache_read_input_tokens)
  set(reading, 'cacheWriteTokens', usage.data.cache_creation_input_tokens)
}

/** `usage` of Converse. */
export function readConverseUsage(value: unknown, reading: Reading): void {
  const usage = converseUsage.safeParse(value)
  if (!usage.success) return
  set(reading, 'inputTokens', usage.data.inputTokens)
  set(reading, 'outputTokens', usage.data.outputTokens)
  set(reading, 'cacheReadTokens', usage.data.cacheReadInputTokens)
  set(reading, 'cacheWriteTokens', usage.data.cacheWriteInputTokens)
}

/** `amazon-bedrock-invocationMetrics` of a stream's last chunk: what Bedrock itself counted. */
export function readInvocationMetrics(value: unknown, reading: Reading): boolean {
  const metrics = invocationMetrics.safeParse(value)
  if (!metrics.success) return false
  set(reading, 'inputTokens', metrics.data.inputTokenCount)
  set(reading, 'outputTokens', metrics.data.outputTokenCount)
  set(reading, 'cacheReadTokens', metrics.data.cacheReadInputTokenCount)
  set(reading, 'cacheWriteTokens', metrics.data.cacheWriteInputTokenCount)
  return true
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

function set(reading: Reading, field: Field, value: number | null | undefined): void {
  if (typeof value === 'number') reading[field] = value
}
