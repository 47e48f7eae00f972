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
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessKeys, leakedApiKey } from '../../simulator/src/account/estate.ts'
import { callIdPattern } from '../../src/record/call-id.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// The official clients, unmodified, pointed at the gateway by base URL: what they return is what they return directly.

const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const question = {
  messages: [{ role: 'user' as const, content: 'Name three tests for a parser. Ä€𝄞' }],
  max_tokens: 400,
}
const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', ...question })
const converse = {
  modelId: model,
  messages: [{ role: 'user' as const, content: [{ text: 'Summarise this.' }] }],
  inferenceConfig: { maxTokens: 300 },
}

let stand: Stand
let through: BedrockRuntimeClient
let direct: BedrockRuntimeClient

beforeAll(async () => {
  stand = await startStand()
  const token = await stand.token()
  through = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: stand.gateway.url,
    token: { token },
    authSchemePreference: ['httpBearerAuth'],
  })
  direct = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: stand.account.url,
    credentials: accessKeys.laptop,
  })
})
afterAll(() => stand.close())

async function chunksOf(client: BedrockRuntimeClient): Promise<string[]> {
  const answer = await client.send(
    new InvokeModelWithResponseStreamCommand({ modelId: model, body, contentType: 'application/json' }),
  )
  const chunks: string[] = []
  for await (const event of answer.body ?? []) chunks.push(Buffer.from(event.chunk?.bytes ?? []).toString('utf8'))
  return chunks
}

test('AWS SDK, InvokeModel', async () => {
  const command = () => new InvokeModelCommand({ modelId: model, body, contentType: 'application/json' })
  const [ours, theirs] = [await through.send(command()), await direct.send(command())]
  expect(Buffer.from(ours.body).equals(Buffer.from(theirs.body))).toBe(true)
  expect(ours.contentType).toBe(theirs.contentType)
  // AWS's own request id comes through untouched.
  const received = stand.account.parts.received.all().map((call) => call.requestId)
  expect(received).toContain(ours.$metadata.requestId)
})

test('AWS SDK, InvokeModelWithResponseStream', async () => {
  expect(await chunksOf(through)).toEqual(await chunksOf(direct))
})

test('AWS SDK, Converse', async () => {
  const [ours, theirs] = [
    await through.send(new ConverseCommand(converse)),
    await direct.send(new ConverseCommand(converse)),
  ]
  expect({ ...ours, $metadata: undefined }).toEqual({ ...theirs, $metadata: undefined })
})

test('AWS SDK, ConverseStream', async () => {
  const events = async (client: BedrockRuntimeClient) => {
    const seen = []
    for await (const event of (await client.send(new ConverseStreamCommand(converse))).stream ?? []) seen.push(event)
    return seen
  }
  expect(await events(through)).toEqual(await events(direct))
})

test('AWS SDK, CountTokens', async () => {
  const command = () => new CountTokensCommand({ modelId: model, input: { invokeModel: { body: Buffer.from(body) } } })
  expect((await through.send(command())).inputTokens).toBe((await direct.send(command())).inputTokens)
})

test('AWS SDK, an error keeps its name and wording', async () => {
  const command = () => new InvokeModelCommand({ modelId: 'anthropic.claude-opus-4-20250514-v1:0', body })
  const failure = async (client: BedrockRuntimeClient) =>
    client.send(command()).then(
      () => undefined,
      (cause: unknown) => (cause instanceof Error ? `${cause.name}: ${cause.message}` : 'other'),
    )
  expect(await failure(through)).toBe(await failure(direct))
  expect(await failure(through)).toMatch(/^AccessDeniedException: You don't have access/)
})

test('an encoded ARN with a slash arrives as one segment', async () => {
  const arn = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6'
  const refused = await through
    .send(new InvokeModelCommand({ modelId: arn, body }))
    .catch((cause: unknown) => String(cause))
  // Opaque: whose model it is cannot be known, so it is refused unless allowed by its own text.
  expect(refused).toContain('GATEWAY_MODEL_REFUSED')
})

test('Anthropic Bedrock SDK, messages.create', async () => {
  const client = (baseURL: string, headers: Record<string, string>) =>
    new AnthropicBedrock({ baseURL, awsRegion: 'us-east-1', skipAuth: true, defaultHeaders: headers })
  const ours = client(stand.gateway.url, { authorization: `Bearer ${await stand.token()}` })
  const theirs = client(stand.account.url, { authorization: `Bearer ${leakedApiKey.token}` })
  expect(await ours.messages.create({ model, ...question })).toEqual(
    await theirs.messages.create({ model, ...question }),
  )
})

test('Anthropic Bedrock SDK, streaming', async () => {
  const client = (baseURL: string, token: string) =>
    new AnthropicBedrock({
      baseURL,
      awsRegion: 'us-east-1',
      skipAuth: true,
      defaultHeaders: { authorization: `Bearer ${token}` },
    })
  const events = async (of: AnthropicBedrock) => {
    const seen = []
    for await (const event of await of.messages.create({ model, ...question, stream: true })) seen.push(event)
    return seen
  }
  expect(await events(client(stand.gateway.url, await stand.token()))).toEqual(
    await events(client(stand.account.url, leakedApiKey.token)),
  )
})

test('Anthropic SDK, messages.create; its request id is our call id', async () => {
  const ours = new Anthropic({ baseURL: stand.gateway.url, apiKey: await stand.token() })
  const theirs = new Anthropic({ baseURL: `${stand.account.url}/anthropic`, apiKey: leakedApiKey.token })
  const [mine, direct] = [
    await ours.messages.create({ model: 'claude-sonnet-4-5', ...question }),
    await theirs.messages.create({ model, ...question }),
  ]
  expect(mine._request_id).toMatch(callIdPattern)
  expect({ ...mine }).toEqual({ ...direct })
})

test('Anthropic SDK, streaming', async () => {
  const ours = new Anthropic({ baseURL: stand.gateway.url, authToken: await stand.token(), apiKey: null })
  const theirs = new Anthropic({ baseURL: `${stand.account.url}/anthropic`, apiKey: leakedApiKey.token })
  const events = async (client: Anthropic, name: string) => {
    const seen = []
    for await (const event of await client.messages.create({ model: name, ...question, stream: true })) seen.push(event)
    return seen
  }
  expect(await events(ours, 'claude-sonnet-4-5')).toEqual(await events(theirs, model))
})

test('body bytes reach AWS unchanged, and every call has its intent and its outcome', async () => {
  const received = stand.account.parts.received.all().filter((call) => call.userAgent.startsWith('triptych/'))
  const ofType = async (type: string) => (await journalOf(stand.dataDir)).filter((line) => line.type === type)
  // The last outcome is written a moment after its answer.
  await expect
    .poll(async () => (await ofType('call.outcome')).length, { timeout: 5_000 })
    .toBe((await ofType('call.intent')).length)
  const lines = await journalOf(stand.dataDir)
  const intents = lines.filter((line) => line.type === 'call.intent')
  const outcomes = lines.filter((line) => line.type === 'call.outcome')
  expect(outcomes.map((line) => line.body['call']).sort()).toEqual(intents.map((line) => line.body['call']).sort())
  expect(received.map((call) => call.userAgent.split('call/')[1]).sort()).toEqual(
    intents.map((line) => line.body['call']).sort(),
  )
  const { createHash } = await import('node:crypto')
  expect(received.map((call) => call.bodySha256)).toContain(createHash('sha256').update(body).digest('hex'))
  expect(
    outcomes
      .filter((line) => line.body['result'] === 'success')
      .every((line) => typeof line.body['inputTokens'] === 'number'),
  ).toBe(true)
})
