import AnthropicBedrock from '@anthropic-ai/bedrock-sdk'
import Anthropic from '@anthropic-ai/sdk'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leakedApiKey } from '../src/account/estate.ts'
import { clientOptions, invokeBody, model, type TestAccount, testAccount } from './kit.ts'

let stand: TestAccount
let client: BedrockRuntimeClient
beforeAll(async () => {
  stand = await testAccount()
  client = new BedrockRuntimeClient(clientOptions(stand.account))
})
afterAll(() => stand.close())

async function whole(body: string) {
  const answer = await client.send(new InvokeModelCommand({ modelId: model, body }))
  return JSON.parse(Buffer.from(answer.body).toString())
}
async function streamed(body: string) {
  const answer = await client.send(new InvokeModelWithResponseStreamCommand({ modelId: model, body }))
  const events = []
  for await (const event of answer.body ?? []) events.push(JSON.parse(Buffer.from(event.chunk?.bytes ?? []).toString()))
  return events
}
const count = async (body: string) =>
  (await client.send(new CountTokensCommand({ modelId: model, input: { invokeModel: { body: Buffer.from(body) } } })))
    .inputTokens
const tools = [{ name: 'Read', input_schema: { type: 'object' } }]
const cached = (text: string) =>
  invokeBody(text, 300, { system: [{ type: 'text', text: 'long '.repeat(200), cache_control: { type: 'ephemeral' } }] })

test('any question: the stream puts together to the whole answer, with the same usage, tool and ending', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 400 }),
      async (text, most) => {
        const body = invokeBody(text, most, { tools })
        const answer = await whole(body)
        expect(await whole(body)).toEqual(answer)
        const events = await streamed(body)
        const texts = events.flatMap((event) => (event.delta?.type === 'text_delta' ? [event.delta.text] : []))
        expect(texts.join('')).toBe(answer.content[0].text)
        const inputs = events.flatMap((event) =>
          event.delta?.type === 'input_json_delta' ? [event.delta.partial_json] : [],
        )
        expect(inputs.length === 0 ? undefined : JSON.parse(inputs.join(''))).toEqual(answer.content[1]?.input)
        const ended = events.find((event) => event.type === 'message_delta')
        expect(ended.delta.stop_reason).toBe(answer.stop_reason)
        expect(answer.usage.output_tokens).toBeLessThanOrEqual(most)
        expect(answer.stop_reason === 'max_tokens').toBe(
          answer.usage.output_tokens === most && ended.delta.stop_reason === 'max_tokens',
        )
        expect(events[0].message.usage.input_tokens).toBe(answer.usage.input_tokens)
        expect(events.at(-1)['amazon-bedrock-invocationMetrics']).toMatchObject({
          inputTokenCount: answer.usage.input_tokens,
          outputTokenCount: answer.usage.output_tokens,
          cacheReadInputTokenCount: answer.usage.cache_read_input_tokens,
          cacheWriteInputTokenCount: answer.usage.cache_creation_input_tokens,
        })
      },
    ),
    { numRuns: 25 },
  )
})

test('tokens are counted as they are charged: whatever the layout of the body, the limit and the cache', async () => {
  for (const body of [
    invokeBody('counted'),
    invokeBody('counted', 3),
    invokeBody('counted', 300, { tools }),
    cached('c'),
  ]) {
    const { usage } = await whole(body)
    const charged = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens
    expect(await count(body)).toBe(charged)
    expect(await count(JSON.stringify(JSON.parse(body), null, 4))).toBe(charged)
  }
  expect((await whole(cached('c'))).usage.cache_read_input_tokens).toBeGreaterThan(0)
})

test('Converse and its stream answer the same, charge the same, and what CountTokens says', async () => {
  const asked = {
    messages: [{ role: 'user' as const, content: [{ text: 'Both ways, é𝄞.' }] }],
    system: [{ text: 'Short.' }],
  }
  const request = { modelId: model, ...asked, inferenceConfig: { maxTokens: 40, temperature: 0.5 } }
  const answer = await client.send(new ConverseCommand(request))
  const events = []
  for await (const event of (await client.send(new ConverseStreamCommand(request))).stream ?? []) events.push(event)
  const text = events.map((event) => event.contentBlockDelta?.delta?.text ?? '').join('')
  expect(text).toBe(answer.output?.message?.content?.[0]?.text)
  expect(events.at(-1)?.metadata?.usage).toEqual(answer.usage)
  expect(events.find((event) => event.messageStop !== undefined)?.messageStop?.stopReason).toBe(answer.stopReason)
  const { usage } = answer
  expect(usage?.totalTokens).toBe((usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0))
  expect(usage?.outputTokens).toBeLessThanOrEqual(40)
  const counted = await client.send(new CountTokensCommand({ modelId: model, input: { converse: asked } }))
  expect(counted.inputTokens).toBe(usage?.inputTokens)
})

test('the frames of both streams are read by AWS’s codec from the bytes on the wire', async () => {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
    (text) => Buffer.from(text),
  )
  const bodies = {
    'invoke-with-response-stream': invokeBody('frames'),
    'converse-stream': JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'frames' }] }] }),
  }
  for (const [verb, body] of Object.entries(bodies)) {
    const answer = await fetch(`${stand.account.url}/model/${model}/${verb}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${leakedApiKey.token}` },
      body,
    })
    expect(answer.headers.get('content-type')).toBe('application/vnd.amazon.eventstream')
    const bytes = Buffer.from(await answer.arrayBuffer())
    const types: unknown[] = []
    for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
      const frame = Buffer.from(bytes.subarray(at, at + bytes.readUInt32BE(at)))
      const message = codec.decode(frame)
      expect(message.headers[':message-type']?.value).toBe('event')
      expect(JSON.parse(Buffer.from(message.body).toString()).p).toMatch(/^[a-z0-9]+$/)
      types.push(message.headers[':event-type']?.value)
      frame[frame.length - 6] = (frame[frame.length - 6] ?? 0) ^ 1
      expect(() => codec.decode(frame)).toThrow(/checksum/)
    }
    expect(new Set(types)).toEqual(
      new Set(
        verb === 'converse-stream'
          ? ['messageStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata']
          : ['chunk'],
      ),
    )
  }
})

test('Anthropic’s SDKs get the same message by the Bedrock route and by the Messages route, and its stream', async () => {
  const question = { max_tokens: 120, messages: [{ role: 'user' as const, content: 'By either route.' }] }
  const viaBedrock = new AnthropicBedrock({
    baseURL: stand.account.url,
    awsRegion: 'us-east-1',
    skipAuth: true,
    defaultHeaders: { authorization: `Bearer ${leakedApiKey.token}` },
  })
  const viaMessages = new Anthropic({ baseURL: `${stand.account.url}/anthropic`, apiKey: leakedApiKey.token })
  const one = await viaBedrock.messages.create({ model, ...question })
  const other = await viaMessages.messages.create({ model, ...question })
  expect({ ...other }).toEqual({ ...one })
  const final = await viaMessages.messages.stream({ model, ...question }).finalMessage()
  expect([final.content, final.usage.output_tokens]).toEqual([one.content, one.usage.output_tokens])
  expect(stand.account.parts.received.all().filter((call) => call.modelId === model).length).toBeGreaterThanOrEqual(3)
})

test('what cannot be answered is refused by its name', async () => {
  const refusal = (input: { modelId: string; body: string }) =>
    client.send(new InvokeModelCommand(input)).then(
      () => 'answered',
      (cause: unknown) => (cause instanceof Error ? cause.name : 'other'),
    )
  expect(await refusal({ modelId: 'anthropic.claude-nobody-v1:0', body: invokeBody('q') })).toBe('ValidationException')
  expect(await refusal({ modelId: 'anthropic.claude-opus-4-20250514-v1:0', body: invokeBody('q') })).toBe(
    'AccessDeniedException',
  )
  expect(await refusal({ modelId: model, body: 'not json' })).toBe('ValidationException')
  expect(await refusal({ modelId: model, body: invokeBody('q', 0) })).toBe('ValidationException')
  const unknown = await fetch(`${stand.account.url}/model/${model}/dream`, {
    method: 'POST',
    headers: { authorization: `Bearer ${leakedApiKey.token}` },
  })
  expect(unknown.headers.get('x-amzn-errortype')).toMatch(/^UnknownOperationException/)
  const broken = await fetch(`${stand.account.url}/anthropic/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': leakedApiKey.token },
    body: '{',
  })
  expect(broken.status).toBe(400)
})
