import { z } from 'zod'
import { type Block, readBlocks } from './block.ts'

/** What one side said at a time. */
export interface Turn {
  readonly role: string
  readonly blocks: readonly Block[]
}

/** A request of any of the four operations. */
export interface ReadRequest {
  readonly system: readonly Block[]
  readonly turns: readonly Turn[]
  /** Names of the tools that the model was offered. */
  readonly tools: readonly string[]
  readonly maxTokens: number | undefined
}

const requestSchema = z.object({
  messages: z.array(z.object({ role: z.string().catch(''), content: z.unknown() })),
  system: z.unknown().optional(),
  tools: z
    .array(z.object({ name: z.string().optional() }))
    .optional()
    .catch(undefined),
  max_tokens: z.number().optional().catch(undefined),
  toolConfig: z
    .object({ tools: z.array(z.object({ toolSpec: z.object({ name: z.string() }).optional() })) })
    .optional()
    .catch(undefined),
  inferenceConfig: z.object({ maxTokens: z.number().optional() }).optional().catch(undefined),
})

/** Reads an Anthropic Messages or a Converse request; undefined for a body of another kind. */
export function readRequest(body: unknown): ReadRequest | undefined {
  const parsed = requestSchema.safeParse(body)
  if (!parsed.success) return undefined
  const { messages, system, tools, toolConfig, max_tokens, inferenceConfig } = parsed.data
  const anthropicTools = (tools ?? []).map(({ name }) => name ?? '')
  const converseTools = (toolConfig?.tools ?? []).map(({ toolSpec }) => toolSpec?.name ?? '')
  return {
    system: readBlocks(system),
    turns: messages.map(({ role, content }) => ({ role, blocks: readBlocks(content) })),
    tools: [...anthropicTools, ...converseTools].filter((name) => name !== ''),
    maxTokens: max_tokens ?? inferenceConfig?.maxTokens,
  }
}
