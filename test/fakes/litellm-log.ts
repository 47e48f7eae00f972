import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What of a LiteLLM payload a test decides. */
export interface LiteLlmCall {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly awsRequestId?: string
  readonly model?: string
  readonly promptTokens?: number
  readonly completionTokens?: number
  readonly says?: string
}

const fixture = join(import.meta.dirname, '../fixtures/foreign/litellm/standard-logging-payload.jsonl')
const payload = z.record(z.string(), z.unknown())

/** A line as LiteLLM writes it, over the fixture's first one. */
export function liteLlmLine(call: LiteLlmCall): string {
  const base = payload.parse(JSON.parse(readFileSync(fixture, 'utf8').split('\n')[0] ?? ''))
  const metadata = payload.parse(base['metadata'])
  const hidden = payload.parse(base['hidden_params'])
  const line = {
    ...base,
    id: call.id,
    model: call.model ?? base['model'],
    startTime: call.startedAt / 1000,
    endTime: call.startedAt / 1000 + 1,
    completionStartTime: call.startedAt / 1000 + 0.5,
    prompt_tokens: call.promptTokens ?? 0,
    completion_tokens: call.completionTokens ?? 0,
    messages: [{ role: 'user', content: call.says ?? 'hello' }],
    metadata: { ...metadata, usage_object: null },
    hidden_params: {
      ...hidden,
      litellm_model_name: call.model ?? base['model'],
      additional_headers: call.awsRequestId === undefined ? {} : { 'llm_provider-x-amzn-requestid': call.awsRequestId },
    },
  }
  return `${JSON.stringify(line)}\n`
}
