import { gunzipSync } from 'node:zlib'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountId, buckets, leakedApiKey } from '../src/account/estate.ts'
import genuine from './fixtures/genuine-invoke-model.json' with { type: 'json' }
import {
  clientOptions,
  invocationRecords,
  invokeBody,
  model,
  sessionOf,
  type TestAccount,
  testAccount,
  trailRecords,
} from './kit.ts'

let stand: TestAccount
let client: BedrockRuntimeClient
beforeAll(async () => {
  stand = await testAccount()
  const credentials = await sessionOf(stand.account, 'p0123', 'p0123')
  client = new BedrockRuntimeClient({ ...clientOptions(stand.account), credentials })
})
afterAll(() => stand.close())

const asked = {
  messages: [{ role: 'user' as const, content: [{ text: 'recorded' }] }],
  inferenceConfig: { maxTokens: 90 },
}
const logged = (requestId: string | undefined | null) =>
  invocationRecords(stand.account).find((one) => one['requestId'] === requestId)
const invoke = async (body: string, modelId = model) => {
  const answer = await client.send(new InvokeModelCommand({ modelId, body }))
  return { requestId: answer.$metadata.requestId, message: JSON.parse(Buffer.from(answer.body).toString()) }
}

test('a session’s call has the very keys of a genuine record, at every depth, and only known ones besides', async () => {
  const { requestId } = await invoke(invokeBody('keys'), 'anthropic.claude-3-sonnet-20240229-v1:0')
  const record = trailRecords(stand.account).find((one) => one['requestID'] === requestId)
  const [ours, theirs] = [keysOf(record), keysOf(genuine)]
  expect(theirs.filter((key) => !ours.includes(key))).toEqual([])
  expect(ours.filter((key) => !theirs.includes(key))).toEqual(['userIdentity.sessionContext.sourceIdentity'])
  expect(record?.['requestParameters']).toEqual({ modelId: 'anthropic.claude-3-sonnet-20240229-v1:0' })
})

test('the region of a cross-region call stands in both logs, and only of such a call', async () => {
  const across = await invoke(invokeBody('across'))
  const within = await invoke(invokeBody('within'), 'anthropic.claude-3-sonnet-20240229-v1:0')
  const trail = trailRecords(stand.account)
  const recordOf = (id: string | undefined) => trail.find((one) => one['requestID'] === id)
  expect(recordOf(across.requestId)).toMatchObject({
    awsRegion: 'us-east-1',
    additionalEventData: { inferenceRegion: 'us-west-2' },
  })
  expect(logged(across.requestId)).toMatchObject({ region: 'us-east-1', inferenceRegion: 'us-west-2' })
  expect(recordOf(within.requestId)).not.toHaveProperty('additionalEventData')
  expect(logged(within.requestId)).not.toHaveProperty('inferenceRegion')
})

test('a refused call that is logged has its error in the words of each log, and no output', async () => {
  const modelId = 'anthropic.claude-opus-4-20250514-v1:0'
  for (let i = 0; i < 12; i++) await invoke(invokeBody('denied'), modelId).catch(() => undefined)
  const trail = trailRecords(stand.account).filter((one) => one['errorCode'] === 'AccessDenied')
  const log = invocationRecords(stand.account).filter((one) => one['errorCode'] === 'AccessDeniedException')
  // By seed some are written and some are not: both happen.
  for (const found of [trail, log]) {
    expect(found.length).toBeGreaterThan(0)
    expect(found.length).toBeLessThan(12)
  }
  expect(trail[0]).toMatchObject({ responseElements: null, requestParameters: { modelId } })
  expect(log[0]).not.toHaveProperty('output')
})

test('InvokeModel’s record holds the request and the answer as they were, with the tokens of the call', async () => {
  const body = invokeBody('whole')
  const { requestId, message } = await invoke(body)
  expect(logged(requestId)).toMatchObject({
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    accountId,
    identity: { arn: `arn:aws:sts::${accountId}:assumed-role/TriptychInvoke/p0123` },
    input: {
      inputContentType: 'application/json',
      inputBodyJson: JSON.parse(body),
      inputTokenCount: message.usage.input_tokens,
    },
    output: {
      outputContentType: 'application/json',
      outputBodyJson: message,
      outputTokenCount: message.usage.output_tokens,
    },
  })
  expect(logged(requestId)?.['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})

test('a streamed InvokeModel’s record holds its events, first to last, and their end', async () => {
  const answer = await client.send(
    new InvokeModelWithResponseStreamCommand({ modelId: model, body: invokeBody('streamed') }),
  )
  const types: string[] = []
  for await (const event of answer.body ?? [])
    types.push(JSON.parse(Buffer.from(event.chunk?.bytes ?? []).toString()).type)
  const output: unknown = logged(answer.$metadata.requestId)?.['output']
  const events = Object.fromEntries(Object.entries(output ?? {}))['outputBodyJson']
  expect(Array.isArray(events) ? events.map((event) => event.type ?? event) : events).toEqual([...types, '[DONE]'])
})

test('Converse and its stream have one shape of record: the request without its model, one assembled answer', async () => {
  const one = await client.send(new ConverseCommand({ modelId: model, ...asked, requestMetadata: { team: 'a b' } }))
  const other = await client.send(
    new ConverseStreamCommand({ modelId: model, ...asked, requestMetadata: { team: 'a b' } }),
  )
  for await (const event of other.stream ?? []) expect(event).toBeDefined()
  for (const [operation, id] of [
    ['Converse', one.$metadata.requestId],
    ['ConverseStream', other.$metadata.requestId],
  ] as const) {
    expect(logged(id)).toMatchObject({
      operation,
      modelId: model,
      requestMetadata: { team: 'a b' },
      input: { inputBodyJson: asked, inputTokenCount: one.usage?.inputTokens },
      output: {
        outputBodyJson: {
          output: one.output,
          stopReason: one.stopReason,
          usage: one.usage,
          metrics: { latencyMs: expect.any(Number) },
        },
        outputTokenCount: one.usage?.outputTokens,
      },
    })
  }
})

test('metadata that does not have its form is refused, in the header as in the body', async () => {
  const invokeWith = (header: string) =>
    fetch(`${stand.account.url}/model/${model}/invoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${leakedApiKey.token}`, 'x-amzn-bedrock-request-metadata': header },
      body: invokeBody('m'),
    })
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])))
  for (const wrong of ['{', '[]', '{}', '"text"', '{"a":1}', '{"a":"<b>"}', `{"a":"${'x'.repeat(257)}"}`, many])
    expect((await invokeWith(wrong)).status, wrong.slice(0, 30)).toBe(400)
  const good = await invokeWith('{"call":"01K","team":"a_b@c"}')
  expect(logged(good.headers.get('x-amzn-requestid'))?.['requestMetadata']).toEqual({ call: '01K', team: 'a_b@c' })
  await expect(
    client.send(new ConverseCommand({ modelId: model, ...asked, requestMetadata: { 'not;good': 'x' } })),
  ).rejects.toMatchObject({ name: 'ValidationException' })
})

test('a body of up to 100 KB stands in the record; one more byte, and it is an object of its own that reads back', async () => {
  const frame = Buffer.byteLength(invokeBody(''))
  const limit = 100 * 1024
  const at = await invoke(invokeBody('x'.repeat(limit - frame)))
  const over = invokeBody('y'.repeat(limit - frame + 1))
  const above = await invoke(over)
  expect(logged(at.requestId)).toHaveProperty('input.inputBodyJson')
  const input: unknown = logged(above.requestId)?.['input']
  const fields = Object.fromEntries(Object.entries(input ?? {}))
  expect(Object.keys(fields)).not.toContain('inputBodyJson')
  const path = String(fields['inputBodyS3Path'])
  expect(path).toMatch(
    new RegExp(
      `^s3://${buckets.invocations}/AWSLogs/${accountId}/BedrockModelInvocationLogs/us-east-1/\\d{4}/\\d\\d/\\d\\d/\\d\\d/data/${above.requestId}_input\\.json\\.gz$`,
    ),
  )
  const key = path.slice(`s3://${buckets.invocations}/`.length)
  expect(gunzipSync(stand.account.parts.store.get(buckets.invocations, key)).toString()).toBe(over)
})

test('batches are named by time and chance, and records begin now with the schema, now with the time', async () => {
  for (let i = 0; i < 12; i++) await invoke(invokeBody(`order ${i}`))
  expect(new Set(invocationRecords(stand.account).map((one) => Object.keys(one)[0]))).toEqual(
    new Set(['schemaType', 'timestamp']),
  )
  const batches = stand.account.parts.store
    .list(buckets.invocations, '')
    .map((object) => object.key)
    .filter((key) => key.endsWith('.json.gz') && !key.includes('/data/'))
  for (const key of batches)
    expect(key).toMatch(
      /^AWSLogs\/\d{12}\/BedrockModelInvocationLogs\/us-east-1\/\d{4}\/\d\d\/\d\d\/\d\d\/\d{8}T\d{9}Z_[0-9a-f]{16}\.json\.gz$/,
    )
})

/** `a.b` for every key of an object at every depth. */
function keysOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => [`${prefix}${key}`, ...keysOf(inner, `${prefix}${key}.`)])
}
