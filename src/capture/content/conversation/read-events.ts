import { z } from 'zod'
import { parseJson } from '../../../platform/json/parse-json.ts'
import type { ReadAnswer } from './answer.ts'
import { type Block, canonical, readBlock } from './block.ts'

const count = z.number().optional().catch(undefined)
const usageSchema = z.object({ input_tokens: count, output_tokens: count }).optional().catch(undefined)
const eventSchema = z.looseObject({
  type: z.string(),
  index: z.number().optional(),
  message: z.object({ usage: usageSchema }).optional().catch(undefined),
  content_block: z.record(z.string(), z.unknown()).optional(),
  delta: z
    .object({
      text: z.string().optional(),
      thinking: z.string().optional(),
      partial_json: z.string().optional(),
      stop_reason: z.string().nullish(),
    })
    .optional()
    .catch(undefined),
  usage: usageSchema,
})
type StreamEvent = z.infer<typeof eventSchema>
const guardrailKey = 'amazon-bedrock-guardrailAction'

interface Growing {
  readonly start: Readonly<Record<string, unknown>>
  text: string
  json: string
}

/** The events of an Anthropic stream, message_start to message_stop, as one answer; the last element may be the bare string `[DONE]`. */
export function readEvents(events: readonly unknown[]): ReadAnswer | undefined {
  const reading = new EventReading()
  for (const value of events) {
    const event = eventSchema.safeParse(value)
    if (event.success) reading.take(event.data)
  }
  return reading.answer()
}

class EventReading {
  readonly #blocks = new Map<number, Growing>()
  #events = 0
  #stopReason = ''
  #whole = false
  #guardrail = false
  #input: number | undefined
  #output: number | undefined

  take(event: StreamEvent): void {
    this.#events += 1
    if (event[guardrailKey] === 'INTERVENED') this.#guardrail = true
    if (event.type === 'message_start') this.#input = event.message?.usage?.input_tokens
    if (event.type === 'content_block_start')
      this.#blocks.set(event.index ?? this.#blocks.size, { start: event.content_block ?? {}, text: '', json: '' })
    if (event.type === 'content_block_delta') grow(this.#blocks.get(event.index ?? -1), event.delta)
    if (event.type === 'message_delta') this.#end(event)
    if (event.type === 'message_stop') this.#whole = true
  }

  answer(): ReadAnswer | undefined {
    if (this.#events === 0) return undefined
    return {
      blocks: [...this.#blocks].sort(([a], [b]) => a - b).map(([, block]) => settled(block)),
      stopReason: this.#stopReason,
      whole: this.#whole,
      guardrail: this.#guardrail,
      inputTokens: this.#input,
      outputTokens: this.#output,
    }
  }

  #end({ delta, usage }: StreamEvent): void {
    this.#stopReason = delta?.stop_reason ?? this.#stopReason
    this.#output = usage?.output_tokens ?? this.#output
  }
}

function grow(block: Growing | undefined, delta: z.infer<typeof eventSchema>['delta']): void {
  if (block === undefined || delta === undefined) return
  block.text += delta.text ?? delta.thinking ?? ''
  block.json += delta.partial_json ?? ''
}

function settled({ start, text, json }: Growing): Block {
  const block = readBlock(start)
  if (block.kind === 'text' || block.kind === 'thinking') return { ...block, text: block.text + text }
  if (block.kind !== 'tool_use' || json === '') return block
  const input = parseJson(Buffer.from(json))
  // Of an input that was cut off, what came of it.
  return { ...block, input: input === undefined ? json : canonical(input) }
}
