import { createHash } from 'node:crypto'
import { Random } from '../account/random.ts'
import type { Conversation } from './conversations.ts'

/** How big a request is: Claude Code's first is 85 KB, most of it tools and system prompt; a long session's is larger. */
export type BodySize = 'small' | 'claude-code' | 'large'

const fillerBytes: Readonly<Record<BodySize, number>> = { small: 3_000, 'claude-code': 80_000, large: 130_000 }

/** A body in Claude Code's shape for Bedrock: keys in its order, prompt caching on, no model inside. */
export function claudeCodeBody(
  random: Random,
  size: BodySize,
  { session, past }: Conversation,
): Record<string, unknown> {
  // Prompt and tools stay the same as long as a session lasts.
  const own = new Random(createHash('sha256').update(session).digest().readUInt32BE(0))
  const filler = text(own, fillerBytes[size])
  const device = own.hex(64)
  return {
    messages: [...past, { role: 'user', content: [...results(past), marked(text(random, 120))] }],
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.197.123; cc_entrypoint=cli;' },
      { type: 'text', text: filler.slice(0, Math.floor(filler.length / 4)), cache_control: { type: 'ephemeral' } },
    ],
    tools: Array.from({ length: 12 }, (_, i) => ({
      name: `Tool${i}`,
      description: filler.slice(i * 400, i * 400 + Math.floor(filler.length / 16)),
      input_schema: { type: 'object', properties: { path: { type: 'string' } } },
    })),
    metadata: { user_id: JSON.stringify({ device_id: device, account_uuid: '', session_id: session }) },
    max_tokens: 32_000,
    anthropic_beta: ['interleaved-thinking-2025-05-14'],
    anthropic_version: 'bedrock-2023-05-31',
  }
}

/** A client gives the result of every tool that the model called. */
function results(past: Conversation['past']): readonly Record<string, unknown>[] {
  const called = (past.at(-1)?.content ?? []).filter((block) => block['type'] === 'tool_use')
  return called.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'export const value = read(path)' }))
}

function marked(words: string): Record<string, unknown> {
  return { type: 'text', text: words, cache_control: { type: 'ephemeral' } }
}

/** A Converse body, as another application would send it. */
export function converseBody(random: Random): Record<string, unknown> {
  return {
    messages: [{ role: 'user', content: [{ text: text(random, 300) }] }],
    system: [{ text: 'You summarise tickets.' }],
    inferenceConfig: { maxTokens: 400, temperature: 0.2 },
  }
}

function text(random: Random, bytes: number): string {
  const parts: string[] = []
  for (let size = 0; size < bytes; ) {
    const word = random.pick(words)
    parts.push(word)
    size += word.length + 1
  }
  return parts.join(' ')
}

const words: readonly [string, ...string[]] = [
  'refactor',
  'the',
  'parser',
  'so',
  'that',
  'each',
  'branch',
  'returns',
  'a',
  'typed',
  'result',
  'instead',
  'of',
  'null',
  'and',
  'add',
  'tests',
  'for',
  'empty',
  'input',
  'const',
  'value',
  '=',
  'read(path)',
  '{',
  '}',
  '=>',
  'await',
  'import',
]
