import type { Random } from '../account/random.ts'

/** How big a request is: Claude Code's first is 85 KB, most of it tools and system prompt; a long session's is larger. */
export type BodySize = 'small' | 'claude-code' | 'large'

const fillerBytes: Readonly<Record<BodySize, number>> = { small: 3_000, 'claude-code': 80_000, large: 130_000 }

/** A body in Claude Code's shape for Bedrock: keys in its order, prompt caching on, no model inside. */
export function claudeCodeBody(random: Random, size: BodySize, session: string, turn: number): Record<string, unknown> {
  const filler = text(random, fillerBytes[size])
  const history = Array.from({ length: Math.min(turn, 6) }, (_, i) => [
    { role: 'user', content: [{ type: 'text', text: `Step ${i}: ${text(random, 200)}` }] },
    { role: 'assistant', content: [{ type: 'text', text: text(random, 200) }] },
  ]).flat()
  return {
    messages: [
      ...history,
      { role: 'user', content: [{ type: 'text', text: text(random, 120), cache_control: { type: 'ephemeral' } }] },
    ],
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.197.123; cc_entrypoint=cli;' },
      { type: 'text', text: filler.slice(0, Math.floor(filler.length / 4)), cache_control: { type: 'ephemeral' } },
    ],
    tools: Array.from({ length: 12 }, (_, i) => ({
      name: `Tool${i}`,
      description: filler.slice(i * 400, i * 400 + Math.floor(filler.length / 16)),
      input_schema: { type: 'object', properties: { path: { type: 'string' } } },
    })),
    metadata: { user_id: JSON.stringify({ device_id: random.hex(64), account_uuid: '', session_id: session }) },
    max_tokens: 32_000,
    anthropic_beta: ['interleaved-thinking-2025-05-14'],
    anthropic_version: 'bedrock-2023-05-31',
  }
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
