import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAnswer } from '../../src/capture/content/conversation/read-answer.ts'
import { readRequest } from '../../src/capture/content/conversation/read-request.ts'
import { SessionStitch } from '../../src/capture/content/conversation/stitch.ts'
import { claudeSession } from '../fakes/claude-session.ts'

const session = '00000000-0000-4000-8000-000000000001'
const spoken = (calls: number) =>
  [...claudeSession(7, session, calls)].map((call, i) => ({
    key: `call${i}`,
    request: readRequest(call.request),
    answer: readAnswer(call.events),
  }))
const text = (words: string) => ({ kind: 'text', text: words })

test('the four operations, and what a stream is logged as, are read into one form', () => {
  const blocks = [text('hello'), { kind: 'tool_use', id: 't1', name: 'Read', input: '{"a":1,"b":2}' }]
  const message = {
    content: [
      { type: 'text', text: 'hello' },
      { type: 'tool_use', id: 't1', name: 'Read', input: { b: 2, a: 1 } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 9, output_tokens: 4 },
  }
  const stream = [
    { type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hel' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'lo' } },
    { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 't1', name: 'Read', input: {} } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"b":2,' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"a":1}' } },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 4 } },
    { type: 'message_stop' },
    '[DONE]',
  ]
  const converse = {
    output: {
      message: {
        role: 'assistant',
        content: [{ text: 'hello' }, { toolUse: { toolUseId: 't1', name: 'Read', input: { a: 1, b: 2 } } }],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 9, outputTokens: 4 },
  }
  for (const body of [message, stream, converse])
    expect(readAnswer(body)).toEqual({
      blocks,
      stopReason: 'tool_use',
      whole: true,
      guardrail: false,
      inputTokens: 9,
      outputTokens: 4,
    })
})

test('requests of both kinds: system, turns, tools, tool results, media by where it is', () => {
  expect(
    readRequest({
      system: 'be brief',
      tools: [{ name: 'Read' }],
      max_tokens: 5,
      messages: [
        { role: 'user', content: 'hi' },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', is_error: true, content: 'no such file' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          ],
        },
      ],
    }),
  ).toEqual({
    system: [text('be brief')],
    tools: ['Read'],
    maxTokens: 5,
    turns: [
      { role: 'user', blocks: [text('hi')] },
      {
        role: 'user',
        blocks: [
          { kind: 'tool_result', id: 't1', error: true, blocks: [text('no such file')] },
          { kind: 'media', what: 'image', type: 'image/png', at: 'inline', bytes: 3 },
        ],
      },
    ],
  })
  expect(
    readRequest({
      system: [{ text: 'be brief' }],
      toolConfig: { tools: [{ toolSpec: { name: 'Read' } }] },
      inferenceConfig: { maxTokens: 5 },
      messages: [
        {
          role: 'user',
          content: [
            { toolResult: { toolUseId: 't1', status: 'error', content: [{ json: { code: 2 } }] } },
            { document: { format: 'pdf', source: { s3Uri: 's3://logs/data/x_input_media_00.pdf' } } },
          ],
        },
      ],
    }),
  ).toMatchObject({
    tools: ['Read'],
    turns: [
      {
        blocks: [
          { kind: 'tool_result', id: 't1', error: true, blocks: [text('{"code":2}')] },
          { kind: 'media', what: 'document', type: 'pdf', at: 's3://logs/data/x_input_media_00.pdf' },
        ],
      },
    ],
  })
})

test('a guardrail, a stream that broke off and a tool input that was cut are said', () => {
  const blocked = { content: [{ type: 'text', text: 'Sorry.' }], 'amazon-bedrock-guardrailAction': 'INTERVENED' }
  expect(readAnswer(blocked)).toMatchObject({ guardrail: true, inputTokens: undefined })
  const cut = [
    { type: 'message_start', message: {} },
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'Bash', input: {} } },
    { type: 'content_block_delta', index: 0, delta: { partial_json: '{"command":"rm ' } },
  ]
  expect(readAnswer(cut)).toMatchObject({ whole: false, blocks: [{ kind: 'tool_use', input: '{"command":"rm ' }] })
})

test('whatever a body holds, reading it never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      readRequest(body)
      readAnswer(body)
      readRequest({ messages: [{ role: 'user', content: [body] }], system: body, tools: [body] })
      readAnswer([{ type: 'content_block_start', content_block: body }, body])
    }),
  )
})

test('of a session of forty calls each turn is read once, and every turn of the last request is somewhere', () => {
  const calls = spoken(40)
  const stitch = new SessionStitch()
  const added = calls.map((call) => stitch.add(call))
  expect(added.map(({ history }) => history)).toEqual(['begins', ...Array.from({ length: 39 }, () => 'goes_on')])
  expect(added.every(({ added: turns }) => turns.length === 1)).toBe(true)
  expect(added.filter(({ system }) => system !== undefined)).toHaveLength(1)
  const shown = added.flatMap(({ added: turns, answer }) => [
    ...turns.map(({ blocks }) => JSON.stringify(blocks)),
    JSON.stringify(answer?.blocks),
  ])
  const last = calls.at(-1)?.request?.turns.map(({ blocks }) => JSON.stringify(blocks)) ?? []
  expect(last.filter((turn) => !shown.includes(turn))).toEqual([])
  expect(new Set(shown).size).toBe(shown.length)
})

test('a history that was replaced on the way is said, and a thread of another beginning is one of its own', () => {
  const [first, second, third] = spoken(6).slice(3)
  const stitch = new SessionStitch()
  for (const call of [first, second]) if (call !== undefined) stitch.add(call)
  const turns = third?.request?.turns ?? []
  const request = third?.request === undefined ? undefined : { ...third.request, turns: turns.slice(0, 2) }
  const shortened = {
    key: 'x',
    request: request && { ...request, turns: [...turns.slice(0, 2), turns[4] ?? turns[0]!] },
    answer: undefined,
  }
  expect(stitch.add(shortened)).toMatchObject({ history: 'rewritten', repeated: 2 })
  const other = {
    system: [],
    tools: [],
    maxTokens: 1,
    turns: [{ role: 'user', blocks: [{ kind: 'text', text: 'new' }] }],
  } as const
  expect(stitch.add({ key: 'y', request: other, answer: undefined })).toMatchObject({ history: 'begins', repeated: 0 })
})
