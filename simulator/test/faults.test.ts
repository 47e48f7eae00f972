import {
  BedrockRuntimeClient,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leakedApiKey } from '../src/account/estate.ts'
import type { Fault } from '../src/account/faults.ts'
import {
  clientOptions,
  invocationRecords,
  invokeBody,
  model,
  type TestAccount,
  testAccount,
  trailRecords,
} from './kit.ts'

let stand: TestAccount
let client: BedrockRuntimeClient
beforeAll(async () => {
  stand = await testAccount()
  client = new BedrockRuntimeClient(clientOptions(stand.account))
})
afterAll(() => stand.close())

const push = (fault: Fault) => stand.account.parts.faults.push(fault)
const invoke = () => client.send(new InvokeModelCommand({ modelId: model, body: invokeBody('faulty') }))
const nameOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (cause: unknown) => (cause instanceof Error ? cause.name : 'other'),
  )
const direct = (verb: string, signal?: AbortSignal) =>
  fetch(`${stand.account.url}/model/${model}/${verb}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${leakedApiKey.token}` },
    body: verb.startsWith('converse')
      ? JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'faulty' }] }] })
      : invokeBody('faulty'),
    ...(signal === undefined ? {} : { signal }),
  })
async function events(): Promise<number> {
  let seen = 0
  const answer = await client.send(
    new InvokeModelWithResponseStreamCommand({ modelId: model, body: invokeBody('faulty') }),
  )
  for await (const event of answer.body ?? []) seen += event.chunk === undefined ? 0 : 1
  return seen
}

test('throttle, error-500 and expired-token are AWS’s errors, once each, then the call goes through', async () => {
  push({ kind: 'throttle' })
  push({ kind: 'error-500' })
  push({ kind: 'expired-token' })
  // All three waited, and all three hit the first call: the first of them is what it is told.
  expect(await nameOf(invoke())).toBe('ThrottlingException')
  expect(await nameOf(invoke())).toBe('answered')
  push({ kind: 'error-500' })
  expect(await nameOf(invoke())).toBe('InternalServerException')
  push({ kind: 'expired-token' })
  expect(await nameOf(invoke())).toBe('ExpiredTokenException')
})

test('a fault waits for its operation and its model, and comes as often as it was asked for', async () => {
  push({ kind: 'throttle', operation: 'ConverseStream' })
  push({ kind: 'error-500', modelIncludes: 'opus', times: 2 })
  expect(await nameOf(invoke())).toBe('answered')
  const opus = () =>
    client.send(new InvokeModelCommand({ modelId: 'us.anthropic.claude-opus-4-6-v1', body: invokeBody('f') }))
  expect([await nameOf(opus()), await nameOf(opus()), await nameOf(opus())]).toEqual([
    'InternalServerException',
    'InternalServerException',
    'answered',
  ])
  const converse = () =>
    client.send(new ConverseStreamCommand({ modelId: model, messages: [{ role: 'user', content: [{ text: 'f' }] }] }))
  expect(await nameOf(converse())).toBe('ThrottlingException')
  for await (const event of (await converse()).stream ?? []) expect(event).toBeDefined()
})

test('a refused connection breaks off without an answer, and is counted as arrived', async () => {
  const before = stand.account.parts.received.all().length
  push({ kind: 'refuse-connection' })
  await expect(direct('invoke')).rejects.toThrow()
  expect(stand.account.parts.received.all().length).toBe(before + 1)
})

test('a stream can die, be truncated, or end in an exception of its own; each is seen by AWS’s client', async () => {
  const complete = await events()
  push({ kind: 'die-mid-stream' })
  expect(await nameOf(events())).not.toBe('answered')
  push({ kind: 'truncate-stream' })
  expect(await events()).toBeLessThan(complete)
  push({ kind: 'exception-mid-stream' })
  expect(await nameOf(events())).toBe('ThrottlingException')
  push({ kind: 'die-mid-stream' })
  await expect(direct('invoke-with-response-stream').then((answer) => answer.arrayBuffer())).rejects.toThrow()
  expect(await events()).toBe(complete)
})

test('a stall lasts until the client gives up, in a stream and without one', async () => {
  for (const verb of ['invoke', 'invoke-with-response-stream', 'converse-stream']) {
    push({ kind: 'stall' })
    const call = direct(verb, AbortSignal.timeout(150)).then((answer) => answer.arrayBuffer())
    await expect(call, verb).rejects.toMatchObject({ name: 'TimeoutError' })
  }
  push({ kind: 'stall' })
  const aborted = new AbortController()
  const stalled = client.send(new InvokeModelCommand({ modelId: model, body: invokeBody('s') }), {
    abortSignal: aborted.signal,
  })
  setTimeout(() => aborted.abort(), 100)
  expect(await nameOf(stalled)).toBe('AbortError')
  expect(await nameOf(invoke())).toBe('answered')
})

test('a wrong content type is that alone: the bytes are as ever', async () => {
  push({ kind: 'wrong-content-type' })
  const wrong = await direct('converse-stream')
  const right = await direct('converse-stream')
  expect([wrong.headers.get('content-type'), right.headers.get('content-type')]).toEqual([
    'application/json',
    'application/vnd.amazon.eventstream',
  ])
  expect((await wrong.arrayBuffer()).byteLength).toBeGreaterThan(100)
})

test('no-cloudtrail and no-content each take away one witness and leave the other', async () => {
  push({ kind: 'no-cloudtrail' })
  const untrailed = (await invoke()).$metadata.requestId
  push({ kind: 'no-content' })
  const unlogged = (await invoke()).$metadata.requestId
  const trail = trailRecords(stand.account).map((one) => one['requestID'])
  const log = invocationRecords(stand.account).map((one) => one['requestId'])
  expect([trail.includes(untrailed), log.includes(untrailed)]).toEqual([false, true])
  expect([trail.includes(unlogged), log.includes(unlogged)]).toEqual([true, false])
})

test('faults come over HTTP too, to whoever sends the header; nonsense is refused and ends nothing', async () => {
  const post = (body: string, headers: Record<string, string> = { 'x-sim-control': 'yes' }) =>
    fetch(`${stand.account.url}/_sim/faults`, { method: 'POST', headers, body }).then((answer) => answer.status)
  expect(await post('{"kind":"throttle"}', {})).toBe(403)
  expect(await post('{"kind":"earthquake"}')).toBe(400)
  expect(await post('{')).toBe(400)
  expect(await post('{"kind":"throttle","operation":"InvokeModel"}')).toBe(204)
  expect(await nameOf(invoke())).toBe('ThrottlingException')
  const received = await fetch(`${stand.account.url}/_sim/received`, { headers: { 'x-sim-control': 'yes' } })
  expect(await received.json()).toEqual(stand.account.parts.received.all())
})

test('the Messages route has its faults as well', async () => {
  const post = (more: Record<string, unknown> = {}) =>
    fetch(`${stand.account.url}/anthropic/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': leakedApiKey.token },
      body: JSON.stringify({ model, max_tokens: 90, messages: [{ role: 'user', content: 'm' }], ...more }),
    })
  push({ kind: 'throttle' })
  expect((await post()).status).toBe(429)
  push({ kind: 'die-mid-stream' })
  await expect(post({ stream: true }).then((answer) => answer.text())).rejects.toThrow()
  push({ kind: 'truncate-stream' })
  expect(await (await post({ stream: true })).text()).not.toContain('message_stop')
})
