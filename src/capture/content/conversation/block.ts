import { z } from 'zod'

/** One piece of a turn, the same whichever operation carried it. Text is a person's or a model's: data, never markup. */
export type Block =
  | { readonly kind: 'text' | 'thinking'; readonly text: string }
  | { readonly kind: 'tool_use'; readonly id: string; readonly name: string; readonly input: string }
  | { readonly kind: 'tool_result'; readonly id: string; readonly error: boolean; readonly blocks: readonly Block[] }
  | {
      readonly kind: 'media'
      readonly what: string
      readonly type: string
      readonly at: string
      readonly bytes: number
    }
  | { readonly kind: 'other'; readonly type: string }

const text = z.string()
const sourceSchema = z.object({
  type: text.optional(),
  media_type: text.optional(),
  data: text.optional(),
  url: text.optional(),
  bytes: text.optional(),
  s3Uri: text.optional(),
  s3Location: z.object({ uri: text.optional() }).optional(),
})
const mediaSchema = z.object({ format: text.optional(), source: sourceSchema.optional() })
const anthropicSchema = z.object({
  type: text,
  text: text.optional(),
  thinking: text.optional(),
  id: text.optional(),
  name: text.optional(),
  input: z.unknown().optional(),
  tool_use_id: text.optional(),
  is_error: z.boolean().nullish(),
  content: z.unknown().optional(),
  source: sourceSchema.optional(),
})
const converseSchema = z.object({
  text: text.optional(),
  toolUse: z.object({ toolUseId: text, name: text, input: z.unknown() }).optional(),
  toolResult: z.object({ toolUseId: text, status: text.optional(), content: z.unknown().optional() }).optional(),
  reasoningContent: z.object({ reasoningText: z.object({ text }).optional() }).optional(),
})

/** A message's content: a string, or a list of blocks of the Anthropic Messages API or of Converse. */
export function readBlocks(content: unknown): readonly Block[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }]
  return Array.isArray(content) ? content.map(readBlock) : []
}

/** One block; what is not known of it keeps its type. */
export function readBlock(value: unknown): Block {
  const anthropic = anthropicSchema.safeParse(value)
  if (anthropic.success) return anthropicBlock(anthropic.data)
  const converse = converseSchema.safeParse(value)
  return converse.success ? converseBlock(converse.data, value) : { kind: 'other', type: '' }
}

function anthropicBlock(block: z.infer<typeof anthropicSchema>): Block {
  const { type, id = '', name = '' } = block
  if (type === 'text') return { kind: 'text', text: block.text ?? '' }
  if (type === 'thinking') return { kind: 'thinking', text: block.thinking ?? '' }
  if (type === 'tool_use') return { kind: 'tool_use', id, name, input: canonical(block.input) }
  if (type === 'tool_result')
    return {
      kind: 'tool_result',
      id: block.tool_use_id ?? '',
      error: block.is_error === true,
      blocks: readBlocks(block.content),
    }
  if (block.source !== undefined) return media(type, block.source.media_type ?? '', block.source)
  return { kind: 'other', type }
}

function converseBlock(block: z.infer<typeof converseSchema>, value: unknown): Block {
  if (block.text !== undefined) return { kind: 'text', text: block.text }
  if (block.toolUse !== undefined) {
    const { toolUseId, name, input } = block.toolUse
    return { kind: 'tool_use', id: toolUseId, name, input: canonical(input) }
  }
  if (block.toolResult !== undefined) {
    const { toolUseId, status, content } = block.toolResult
    return { kind: 'tool_result', id: toolUseId, error: status === 'error', blocks: readBlocks(content) }
  }
  if (block.reasoningContent !== undefined)
    return { kind: 'thinking', text: block.reasoningContent.reasoningText?.text ?? '' }
  return namedBlock(value)
}

/** `{image: {…}}`, `{document: {…}}`, `{json: …}`: the one member says what it is. */
function namedBlock(value: unknown): Block {
  const [type, inner] = typeof value === 'object' && value !== null ? (Object.entries(value)[0] ?? []) : []
  if (type === undefined) return { kind: 'other', type: '' }
  if (type === 'json') return { kind: 'text', text: canonical(inner) }
  const found = mediaSchema.safeParse(inner)
  if (found.success && found.data.source !== undefined) return media(type, found.data.format ?? '', found.data.source)
  return { kind: 'other', type }
}

/** Bedrock logs the bytes of media as an object of their own (`source.s3Uri`). */
function media(what: string, type: string, source: z.infer<typeof sourceSchema>): Block {
  const inline = source.data ?? source.bytes
  const at = source.s3Uri ?? source.s3Location?.uri ?? source.url ?? (inline === undefined ? '' : 'inline')
  return { kind: 'media', what, type, at, bytes: inline === undefined ? 0 : Math.floor((inline.length * 3) / 4) }
}

/** JSON with sorted keys: a tool's input comes back in the next request in an order of its own. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? ''
  )
}
