/** One call of a made-up session, in the shape that Claude Code sends and Bedrock logs. */
export interface SessionCall {
  readonly request: Record<string, unknown>
  /** The answer as the invocation log holds it for a stream: a list of events. */
  readonly events: readonly unknown[]
  readonly usage: { readonly input: number; readonly output: number }
}

const words =
  'the of and call file returns when value list error read write test module path name state check input reader batch window request answer record index build line field type source cache token route limit store query parse result session function handle policy'.split(
    ' ',
  )

/** Numbers in [0, 1) that come again for a seed (a linear congruential generator). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Text that compresses about as source code and prose do. */
export function prose(random: () => number, bytes: number): string {
  let text = ''
  while (text.length < bytes) {
    const word = words[Math.floor(random() * words.length)] ?? ''
    const number = random() < 0.15 ? Math.floor(random() * 1e6).toString(36) : ''
    text += `${word}${number}${random() < 0.08 ? '\n  ' : ' '}`
  }
  return text.slice(0, bytes)
}

const cached = { cache_control: { type: 'ephemeral' } }

/**
 * A conversation of `calls` calls, each of which sends all before it again: 60 KB of tools, 20 KB of system prompt, a tool call and
 * its result each time, the cache marker on the last block.
 */
export function* claudeSession(seed: number, sessionId: string, calls: number): Generator<SessionCall> {
  const random = seeded(seed)
  const system = [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.331.1; cc_entrypoint=cli;' },
    { type: 'text', text: prose(random, 6_000), ...cached },
    { type: 'text', text: prose(random, 14_000), ...cached },
  ]
  const tools = Array.from({ length: 24 }, (_, i) => ({
    name: `Tool${i}`,
    description: prose(random, 2_000),
    input_schema: { type: 'object', properties: { path: { type: 'string', description: prose(random, 300) } } },
  }))
  const history: { role: string; content: Record<string, unknown>[] }[] = [
    { role: 'user', content: [{ type: 'text', text: prose(random, 400) }] },
  ]
  for (let call = 0; call < calls; call++) {
    const id = `toolu_bdrk_${String(seed).padStart(4, '0')}${String(call).padStart(8, '0')}`
    const text = prose(random, 200 + random() * 600)
    const input = { path: `/src/${words[call % words.length]}${call}.ts` }
    const usage = { input: 4 + Math.floor(random() * 50), output: 60 + Math.floor(random() * 400) }
    yield { request: requestOf(sessionId, system, tools, history), events: eventsOf(id, text, input, usage), usage }
    history.push({
      role: 'assistant',
      content: [
        { type: 'text', text },
        { type: 'tool_use', id, name: `Tool${call % 24}`, input },
      ],
    })
    history.push({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: id, content: prose(random, 500 + random() * 4_000) }],
    })
  }
}

function requestOf(
  sessionId: string,
  system: readonly object[],
  tools: readonly object[],
  history: readonly { readonly role: string; readonly content: readonly Record<string, unknown>[] }[],
): Record<string, unknown> {
  const last = history.at(-1)
  const marked = last?.content.map((block, i) => (i === last.content.length - 1 ? { ...block, ...cached } : block))
  return {
    messages: [...history.slice(0, -1), { ...last, content: marked }],
    system,
    tools,
    metadata: {
      user_id: JSON.stringify({ device_id: 'd'.repeat(64), account_uuid: '', session_id: sessionId }),
    },
    max_tokens: 32_000,
    thinking: { type: 'enabled', budget_tokens: 31_999 },
    anthropic_version: 'bedrock-2023-05-31',
  }
}

function eventsOf(id: string, text: string, input: object, usage: SessionCall['usage']): readonly unknown[] {
  const name = `Tool${Number(id.slice(-8)) % 24}`
  const pieces = text.match(/[\s\S]{1,24}/g) ?? []
  return [
    {
      type: 'message_start',
      message: {
        id: `msg_bdrk_${id.slice(11)}`,
        role: 'assistant',
        content: [],
        usage: { input_tokens: usage.input, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...pieces.map((piece) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: piece },
    })),
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id, name, input: {} } },
    {
      type: 'content_block_delta',
      index: 1,
      delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
    },
    { type: 'content_block_stop', index: 1 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: usage.output },
    },
    { type: 'message_stop' },
  ]
}
