// An answer in the shapes of Converse and ConverseStream (Bedrock Runtime API reference).
import type { Answer, AnswerBlock } from './answer.ts'
import type { JsonObject } from './json.ts'

function usageOf(answer: Answer): JsonObject {
  const { input, output, cacheRead, cacheWrite } = answer.usage
  return {
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + output + cacheRead + cacheWrite,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
  }
}

function contentOf(block: AnswerBlock): JsonObject {
  if (block.type === 'text') return { text: block.text }
  return { toolUse: { toolUseId: block.id, name: block.name, input: block.input } }
}

/** The Converse response; also what the invocation log keeps of a ConverseStream call. */
export function converseBody(answer: Answer): JsonObject {
  return {
    output: { message: { role: 'assistant', content: answer.blocks.map(contentOf) } },
    stopReason: answer.stopReason,
    metrics: { latencyMs: answer.latencyMs },
    usage: usageOf(answer),
  }
}

/** One event of a ConverseStream, with the name its frame carries. */
export interface ConverseEvent {
  readonly name: string
  readonly payload: JsonObject
}

function blockEvents(block: AnswerBlock, contentBlockIndex: number): ConverseEvent[] {
  const delta = (piece: JsonObject): ConverseEvent => ({ name: 'contentBlockDelta', payload: { contentBlockIndex, delta: piece } })
  const stop = { name: 'contentBlockStop', payload: { contentBlockIndex } }
  if (block.type === 'text') return [...block.pieces.map((text) => delta({ text })), stop]
  const start = { toolUse: { toolUseId: block.id, name: block.name } }
  return [
    { name: 'contentBlockStart', payload: { contentBlockIndex, start } },
    delta({ toolUse: { input: JSON.stringify(block.input) } }),
    stop,
  ]
}

/** The events of a ConverseStream in order. */
export function converseEvents(answer: Answer): ConverseEvent[] {
  return [
    { name: 'messageStart', payload: { role: 'assistant' } },
    ...answer.blocks.flatMap(blockEvents),
    { name: 'messageStop', payload: { stopReason: answer.stopReason } },
    { name: 'metadata', payload: { metrics: { latencyMs: answer.latencyMs }, usage: usageOf(answer) } },
  ]
}
