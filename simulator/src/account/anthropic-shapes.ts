// An answer in Anthropic's own shapes: the message object of InvokeModel and the events of its stream.
import type { Answer, AnswerBlock } from './answer.ts'
import type { JsonObject } from './json.ts'

function usageOf(answer: Answer, output: number): JsonObject {
  return {
    input_tokens: answer.usage.input,
    cache_creation_input_tokens: answer.usage.cacheWrite,
    cache_read_input_tokens: answer.usage.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: answer.usage.cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
  }
}

function contentOf(block: AnswerBlock): JsonObject {
  if (block.type === 'text') return { type: 'text', text: block.text }
  return { type: 'tool_use', id: block.id, name: block.name, input: block.input }
}

/** The message object of a call without a stream. */
export function anthropicMessage(answer: Answer): JsonObject {
  return {
    model: answer.model.answersAs,
    id: answer.id,
    type: 'message',
    role: 'assistant',
    content: answer.blocks.map(contentOf),
    stop_reason: answer.stopReason,
    stop_sequence: null,
    usage: usageOf(answer, answer.usage.output),
  }
}

function blockEvents(block: AnswerBlock, index: number): JsonObject[] {
  const start = block.type === 'text' ? { type: 'text', text: '' } : { ...contentOf(block), input: {} }
  const input = block.type === 'text' ? '' : JSON.stringify(block.input)
  const half = Math.ceil(input.length / 2)
  const deltas =
    block.type === 'text'
      ? block.pieces.map((text) => ({ type: 'text_delta', text }))
      : ['', input.slice(0, half), input.slice(half)].map((piece) => ({ type: 'input_json_delta', partial_json: piece }))
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

/** `amazon-bedrock-invocationMetrics` of the last event of a Bedrock stream. */
export function invocationMetrics(answer: Answer): JsonObject {
  return {
    inputTokenCount: answer.usage.input,
    outputTokenCount: answer.usage.output,
    invocationLatency: answer.latencyMs,
    firstByteLatency: answer.firstByteMs,
    cacheReadInputTokenCount: answer.usage.cacheRead,
    cacheWriteInputTokenCount: answer.usage.cacheWrite,
  }
}

/** The events of a stream, message_start … message_stop; Bedrock's own stream adds its metrics to the last. */
export function anthropicEvents(answer: Answer, withMetrics: boolean): JsonObject[] {
  const message = { ...anthropicMessage(answer), content: [], stop_reason: null, usage: usageOf(answer, 1) }
  const last = withMetrics ? { 'amazon-bedrock-invocationMetrics': invocationMetrics(answer) } : {}
  return [
    { type: 'message_start', message },
    ...answer.blocks.flatMap(blockEvents),
    { type: 'message_delta', delta: { stop_reason: answer.stopReason, stop_sequence: null }, usage: { output_tokens: answer.usage.output } },
    { type: 'message_stop', ...last },
  ]
}
