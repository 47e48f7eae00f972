// What a request asks, in one form for InvokeModel (Anthropic Messages) and Converse bodies.
import { invalid } from './aws-error.ts'
import { asList, asNumber, asObject, asText, type JsonObject } from './json.ts'

/** The part of a prompt: its text (or JSON of something else) and whether a cache mark follows it. */
export interface PromptPart {
  readonly text: string
  readonly cached: boolean
}

/** A request's semantic content, the same for equal questions in either body form. */
export interface Prompt {
  readonly tools: readonly string[]
  readonly toolChars: number
  readonly toolsCached: boolean
  readonly system: readonly PromptPart[]
  readonly turns: readonly { readonly role: string; readonly parts: readonly PromptPart[] }[]
  readonly maxTokens: number
}

function turnsOf(body: JsonObject, parts: (content: unknown) => PromptPart[]): Prompt['turns'] {
  const list = asList(body['messages'])
  if (list.length === 0) throw invalid('messages: at least one message is required')
  return list.map((entry) => {
    const message = asObject(entry)
    const role = asText(message?.['role'])
    if (role !== 'user' && role !== 'assistant') throw invalid('messages: Unexpected role. Allowed roles are "user" or "assistant"')
    const content = parts(message?.['content'])
    if (content.length === 0) throw invalid('messages: text content blocks must be non-empty')
    return { role, parts: content }
  })
}

/** Anthropic content: a string, or blocks that may carry `cache_control`. */
function anthropicParts(content: unknown): PromptPart[] {
  if (typeof content === 'string') return [{ text: content, cached: false }]
  return asList(content).map((entry) => {
    const block = asObject(entry) ?? {}
    const { cache_control: mark, ...rest } = block
    const text = block['type'] === 'text' ? (asText(block['text']) ?? '') : JSON.stringify(rest)
    return { text, cached: mark !== undefined && mark !== null }
  })
}

/** Converse content: blocks, where a `cachePoint` block marks all before it. */
function converseParts(content: unknown): PromptPart[] {
  const parts: PromptPart[] = []
  for (const entry of asList(content)) {
    const block = asObject(entry) ?? {}
    const last = parts.at(-1)
    if (block['cachePoint'] !== undefined) {
      if (last !== undefined) parts[parts.length - 1] = { text: last.text, cached: true }
    } else {
      parts.push({ text: asText(block['text']) ?? JSON.stringify(block), cached: false })
    }
  }
  return parts
}

/** Reads an InvokeModel body of a Claude model; `bedrock` demands the Bedrock form (anthropic_version, no model). */
export function promptOfAnthropic(body: JsonObject, bedrock: boolean): Prompt {
  if (bedrock && body['anthropic_version'] === undefined) throw invalid('anthropic_version: Field required')
  if (bedrock && body['model'] !== undefined) throw invalid('model: Extra inputs are not permitted')
  const maxTokens = asNumber(body['max_tokens'])
  if (maxTokens === undefined) throw invalid('max_tokens: Field required')
  if (!Number.isInteger(maxTokens) || maxTokens < 1) throw invalid('max_tokens: Input should be greater than or equal to 1')
  const tools = asList(body['tools']).map((tool) => asObject(tool) ?? {})
  return {
    tools: tools.map((tool) => asText(tool['name']) ?? asText(tool['type']) ?? 'tool'),
    toolChars: tools.reduce((sum, { cache_control: _mark, ...tool }) => sum + JSON.stringify(tool).length, 0),
    toolsCached: tools.some((tool) => tool['cache_control'] !== undefined),
    system: anthropicParts(body['system']),
    turns: turnsOf(body, anthropicParts),
    maxTokens,
  }
}

function anthropicTool(entry: unknown): JsonObject | undefined {
  const spec = asObject(asObject(entry)?.['toolSpec'])
  if (spec === undefined) return undefined
  return { name: spec['name'], description: spec['description'], input_schema: asObject(spec['inputSchema'])?.['json'] }
}

/** Reads a Converse or ConverseStream body. */
export function promptOfConverse(body: JsonObject): Prompt {
  const listed = asList(asObject(body['toolConfig'])?.['tools'])
  const tools = listed.map(anthropicTool).filter((tool) => tool !== undefined)
  const maxTokens = asNumber(asObject(body['inferenceConfig'])?.['maxTokens']) ?? 4096
  if (!Number.isInteger(maxTokens) || maxTokens < 1) throw invalid('inferenceConfig.maxTokens: must be at least 1')
  return {
    tools: tools.map((tool) => asText(tool['name']) ?? 'tool'),
    toolChars: tools.reduce((sum, tool) => sum + JSON.stringify(tool).length, 0),
    toolsCached: listed.some((tool) => asObject(tool)?.['cachePoint'] !== undefined),
    system: converseParts(body['system']),
    turns: turnsOf(body, converseParts),
    maxTokens,
  }
}
