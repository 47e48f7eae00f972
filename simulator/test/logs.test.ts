import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessKeys, buckets, gatewayRoleArn, leakedApiKey } from '../src/account/estate.ts'
import { encodeMessage } from '../src/account/event-stream.ts'
import { type Account, startAccount } from '../src/account/start-account.ts'

const dir = mkdtempSync(join(tmpdir(), 'simulator-logs-'))
const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
let account: Account
let client: BedrockRuntimeClient

beforeAll(async () => {
  account = await startAccount({ dataDir: dir, seed: 9 })
  const session = (
    await new STSClient({ region: 'us-east-1', endpoint: account.url, credentials: accessKeys.gateway }).send(
      new AssumeRoleCommand({ RoleArn: gatewayRoleArn, RoleSessionName: 'p0123', SourceIdentity: 'p0123' }),
    )
  ).Credentials
  client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: account.url,
    credentials: {
      accessKeyId: session?.AccessKeyId ?? '',
      secretAccessKey: session?.SecretAccessKey ?? '',
      sessionToken: session?.SessionToken ?? '',
    },
  })
})
afterAll(async () => {
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

const invokeBody = (text: string, maxTokens = 300) =>
  JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: maxTokens,
    messages: [{ role: 'user', content: text }],
  })

async function streamOf(body: string) {
  const answer = await client.send(new InvokeModelWithResponseStreamCommand({ modelId: model, body }))
  const events = []
  for await (const event of answer.body ?? []) events.push(JSON.parse(Buffer.from(event.chunk?.bytes ?? []).toString()))
  return { events, requestId: answer.$metadata.requestId }
}

test('one question gets one answer, whole or streamed, and costs the same; max_tokens ends it', async () => {
  const whole = JSON.parse(
    Buffer.from((await client.send(new InvokeModelCommand({ modelId: model, body: invokeBody('q') }))).body).toString(),
  )
  const { events } = await streamOf(invokeBody('q'))
  const text = events
    .filter((event) => event.type === 'content_block_delta')
    .map((event) => event.delta.text ?? '')
    .join('')
  expect(text).toBe(whole.content[0].text)
  const metrics = events.at(-1)['amazon-bedrock-invocationMetrics']
  expect([metrics.inputTokenCount, metrics.outputTokenCount]).toEqual([
    whole.usage.input_tokens,
    whole.usage.output_tokens,
  ])
  const short = JSON.parse(
    Buffer.from(
      (await client.send(new InvokeModelCommand({ modelId: model, body: invokeBody('q', 3) }))).body,
    ).toString(),
  )
  expect(short).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 3 } })
})

test('every frame it encodes is read by AWS’s own codec, checksums included', () => {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
    (text) => Buffer.from(text),
  )
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^:?[a-z-]{1,20}$/), fc.string({ maxLength: 60 }), { maxKeys: 5 }),
      fc.uint8Array({ maxLength: 300 }),
      (headers, payload) => {
        const read = codec.decode(encodeMessage(headers, Buffer.from(payload)))
        expect(Object.fromEntries(Object.entries(read.headers).map(([name, header]) => [name, header.value]))).toEqual({
          ...headers,
        })
        expect(Buffer.from(read.body).equals(Buffer.from(payload))).toBe(true)
      },
    ),
  )
})

test('CloudTrail records have every key that a genuine InvokeModel event has, and its parameters are the model id alone', async () => {
  const { requestId } = await streamOf(invokeBody('for the trail'))
  account.deliverAll()
  const record = trail().find((one) => one['requestID'] === requestId)
  const genuine = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/genuine-invoke-model.json'), 'utf8'))
  expect(keysOf(record)).toEqual(expect.arrayContaining(keysOf(genuine)))
  expect(record).toMatchObject({
    eventName: 'InvokeModelWithResponseStream',
    requestParameters: { modelId: model },
    responseElements: null,
    readOnly: true,
    eventCategory: 'Management',
    additionalEventData: { inferenceRegion: 'us-west-2' },
    userIdentity: { type: 'AssumedRole', sessionContext: { sourceIdentity: 'p0123' } },
  })
  expect(record?.['eventTime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  const names = account.parts.store.list(buckets.trail, '').map((object) => object.key)
  expect(names[0]).toMatch(
    /^AWSLogs\/111122223333\/CloudTrail\/us-east-1\/\d{4}\/\d\d\/\d\d\/111122223333_CloudTrail_us-east-1_\d{8}T\d{4}Z_[A-Z0-9]{16}\.json\.gz$/,
  )
})

test('a call with a Bedrock API key says so in the trail', async () => {
  const answer = await fetch(`${account.url}/model/${model}/invoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${leakedApiKey.token}` },
    body: invokeBody('leaked'),
  })
  account.deliverAll()
  expect(trail().find((one) => one['requestID'] === answer.headers.get('x-amzn-requestid'))).toMatchObject({
    additionalEventData: { callWithBearerToken: true },
    userIdentity: { type: 'IAMUser', userName: leakedApiKey.userName },
  })
})

test('invocation records have the body shape of their operation, metadata from header or body, and large bodies apart', async () => {
  const large = invokeBody('x'.repeat(150_000))
  const ids = {
    InvokeModel: (await client.send(new InvokeModelCommand({ modelId: model, body: large }))).$metadata.requestId,
    InvokeModelWithResponseStream: (await streamOf(invokeBody('s'))).requestId,
    Converse: (
      await client.send(
        new ConverseCommand({
          modelId: model,
          messages: [{ role: 'user', content: [{ text: 'c' }] }],
          requestMetadata: { team: 'x' },
        }),
      )
    ).$metadata.requestId,
    ConverseStream: await converseStream(),
  }
  const header = await fetch(`${account.url}/model/${model}/invoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${leakedApiKey.token}`, 'x-amzn-bedrock-request-metadata': '{"call":"1"}' },
    body: invokeBody('m'),
  })
  account.deliverAll()
  const of = (id: string | null | undefined) => log().find((one) => one['requestId'] === id)
  expect(of(ids.InvokeModelWithResponseStream)).toMatchObject({
    operation: 'InvokeModelWithResponseStream',
    modelId: `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${model}`,
    output: { outputBodyJson: expect.arrayContaining(['[DONE]']) },
  })
  expect(of(ids.Converse)).toMatchObject({
    modelId: model,
    requestMetadata: { team: 'x' },
    output: { outputBodyJson: { stopReason: expect.any(String), usage: expect.any(Object) } },
  })
  expect(of(ids.Converse)).not.toHaveProperty('input.inputBodyJson.requestMetadata')
  expect(of(ids.ConverseStream)).toMatchObject({
    output: { outputBodyJson: { output: { message: { role: 'assistant' } } } },
  })
  expect(of(header.headers.get('x-amzn-requestid'))).toMatchObject({ requestMetadata: { call: '1' } })
  const path = String(Object.fromEntries(Object.entries(of(ids.InvokeModel)?.['input'] ?? {}))['inputBodyS3Path'])
  expect(path).toMatch(new RegExp(`/data/${ids.InvokeModel}_input\\.json\\.gz$`))
  expect(
    JSON.parse(
      gunzipSync(
        account.parts.store.get(buckets.invocations, path.split(`${buckets.invocations}/`)[1] ?? ''),
      ).toString(),
    ),
  ).toEqual(JSON.parse(large))
  const first = new Set(log().map((one) => Object.keys(one)[0]))
  expect(first).toEqual(new Set(['schemaType', 'timestamp']))
})

test('a restart keeps undelivered records, sessions, the provider’s key and the port', async () => {
  const place = mkdtempSync(join(tmpdir(), 'simulator-restart-'))
  const before = await startAccount({
    dataDir: place,
    seed: 1,
    delivery: { cloudTrail: [60_000, 60_000], invocations: [60_000, 60_000] },
  })
  const issuer = before.idp.issuer
  const keys = before.idp.document('/jwks')
  await new STSClient({ region: 'us-east-1', endpoint: before.url, credentials: accessKeys.gateway }).send(
    new AssumeRoleCommand({ RoleArn: gatewayRoleArn, RoleSessionName: 'kept' }),
  )
  before.deliver()
  expect(before.parts.store.list(buckets.trail, '')).toEqual([])
  await before.close()
  const after = await startAccount({ dataDir: place, seed: 1 })
  expect([after.idp.issuer, after.idp.document('/jwks')]).toEqual([issuer, keys])
  expect(after.parts.state.state.sessions.map((session) => session.sessionName)).toEqual(['kept'])
  after.deliverAll()
  expect(after.parts.store.list(buckets.trail, '')).toHaveLength(1)
  await after.close()
  rmSync(place, { recursive: true, force: true })
})

async function converseStream(): Promise<string | undefined> {
  const answer = await client.send(
    new ConverseStreamCommand({ modelId: model, messages: [{ role: 'user', content: [{ text: 'cs' }] }] }),
  )
  for await (const event of answer.stream ?? []) expect(event).toBeDefined()
  return answer.$metadata.requestId
}

function trail(): Record<string, unknown>[] {
  return account.parts.store
    .list(buckets.trail, '')
    .flatMap((object) => JSON.parse(gunzipSync(account.parts.store.get(buckets.trail, object.key)).toString()).Records)
}

function log(): Record<string, unknown>[] {
  return account.parts.store
    .list(buckets.invocations, '')
    .filter((object) => !object.key.includes('/data/') && object.bytes > 0)
    .flatMap((object) =>
      gunzipSync(account.parts.store.get(buckets.invocations, object.key))
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    )
}

/** `a.b.c` for every leaf and branch of an object, arrays as they are. */
function keysOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => [`${prefix}${key}`, ...keysOf(inner, `${prefix}${key}.`)])
}
