import type { Answer } from './answer.ts'

// Bodies and stream events of an answer, by operation (AWS Bedrock user guide: Anthropic Messages, Converse).

type Json = Readonly<Record<string, unknown>>

/** Bedrock's own count of a call, in the last chunk of a stream. */
export interface InvocationMetrics {
  readonly inputTokenCount: number
  readonly outputTokenCount: number
  readonly invocationLatency: number
  readonly firstByteLatency: number
  readonly cacheReadInputTokenCount: number
  readonly cacheWriteInputTokenCount: number
}

/** An Anthropic message. */
export function messageBody(answer: Answer, base: string): Json {
  return {
    id: answer.id,
    type: 'message',
    role: 'assistant',
    model: base.replace(/^anthropic\./, '').replace(/-v\d+(:\d+)?$/, ''),
    content: contentBlocks(answer),
    stop_reason: answer.stopReason,
    stop_sequence: null,
    usage: anthropicUsage(answer, answer.usage.output),
  }
}

/** The events of an Anthropic stream. */
export function messageEvents(answer: Answer, base: string): readonly Json[] {
  const start = { ...messageBody(answer, base), content: [], stop_reason: null, usage: anthropicUsage(answer, 1) }
  const events: Json[] = [
    { type: 'message_start', message: start },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...pieces(answer.text).map((text) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text },
    })),
    { type: 'content_block_stop', index: 0 },
  ]
  if (answer.tool !== undefined) {
    events.push(
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', id: answer.tool.id, name: answer.tool.name, input: {} },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: JSON.stringify(answer.tool.input) },
      },
      { type: 'content_block_stop', index: 1 },
    )
  }
  events.push(
    {
      type: 'message_delta',
      delta: { stop_reason: answer.stopReason, stop_sequence: null },
      usage: { output_tokens: answer.usage.output },
    },
    { type: 'message_stop' },
  )
  return events
}

/** Converse's answer. */
export function converseBody(answer: Answer, latencyMs: number): Json {
  return {
    output: { message: { role: 'assistant', content: [{ text: answer.text }] } },
    stopReason: answer.stopReason,
    usage: converseUsage(answer),
    metrics: { latencyMs },
  }
}

/** The events of ConverseStream, by their event type. */
export function converseEvents(answer: Answer, latencyMs: number): readonly (readonly [type: string, payload: Json])[] {
  return [
    ['messageStart', { role: 'assistant' }],
    ...pieces(answer.text).map((text) => ['contentBlockDelta', { contentBlockIndex: 0, delta: { text } }] as const),
    ['contentBlockStop', { contentBlockIndex: 0 }],
    ['messageStop', { stopReason: answer.stopReason }],
    ['metadata', { usage: converseUsage(answer), metrics: { latencyMs } }],
  ]
}

/** What Bedrock counted. */
export function metricsOf(answer: Answer, invocationLatency: number, firstByteLatency: number): InvocationMetrics {
  const { input, output, cacheRead, cacheWrite } = answer.usage
  return {
    inputTokenCount: input,
    outputTokenCount: output,
    invocationLatency,
    firstByteLatency,
    cacheReadInputTokenCount: cacheRead,
    cacheWriteInputTokenCount: cacheWrite,
  }
}

function contentBlocks(answer: Answer): readonly Json[] {
  const text = { type: 'text', text: answer.text }
  return answer.tool === undefined
    ? [text]
    : [text, { type: 'tool_use', id: answer.tool.id, name: answer.tool.name, input: answer.tool.input }]
}

function anthropicUsage(answer: Answer, output: number): Json {
  const { input, cacheRead, cacheWrite } = answer.usage
  return {
    input_tokens: input,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
  }
}

function converseUsage(answer: Answer): Json {
  const { input, output, cacheRead, cacheWrite } = answer.usage
  return {
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + output + cacheRead + cacheWrite,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
  }
}

/** A text in stream-sized pieces that put together are the text. */
function pieces(text: string): readonly string[] {
  return text.match(/\S+\s*(?:\S+\s*){0,7}/g) ?? []
}
