import { z } from 'zod'
import type { ReadAnswer } from './answer.ts'
import { readBlocks } from './block.ts'
import { readEvents } from './read-events.ts'

const count = z.number().optional().catch(undefined)
const messageSchema = z.object({
  content: z.array(z.unknown()),
  stop_reason: z.string().nullish(),
  usage: z.object({ input_tokens: count, output_tokens: count }).optional().catch(undefined),
})
const converseSchema = z.object({
  output: z.object({ message: z.object({ content: z.array(z.unknown()) }) }),
  stopReason: z.string().nullish(),
  usage: z.object({ inputTokens: count, outputTokens: count }).optional().catch(undefined),
})
const guardedSchema = z.object({ 'amazon-bedrock-guardrailAction': z.literal('INTERVENED') })

/**
 * Reads what the invocation log holds of an answer: a message (InvokeModel), the events of a stream, or a Converse answer, which
 * ConverseStream is logged as too. Undefined for a body of another kind.
 */
export function readAnswer(body: unknown): ReadAnswer | undefined {
  if (Array.isArray(body)) return readEvents(body)
  const guardrail = guardedSchema.safeParse(body).success
  const message = messageSchema.safeParse(body)
  if (message.success) {
    const { content, stop_reason, usage } = message.data
    return {
      blocks: readBlocks(content),
      stopReason: stop_reason ?? '',
      whole: true,
      guardrail,
      inputTokens: usage?.input_tokens,
      outputTokens: usage?.output_tokens,
    }
  }
  const converse = converseSchema.safeParse(body)
  if (!converse.success) return undefined
  const { output, stopReason, usage } = converse.data
  return {
    blocks: readBlocks(output.message.content),
    stopReason: stopReason ?? '',
    whole: true,
    guardrail: guardrail || stopReason === 'guardrail_intervened',
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
  }
}
