import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readForeign } from '../../src/capture/foreign/read-foreign.ts'
import { pseudonymOf } from '../../src/record/access-event.ts'
import type { ForeignCall, ForeignProduct } from '../../src/record/foreign-call.ts'

const key = Buffer.alloc(32, 7)
const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'

function read(product: ForeignProduct, file: string) {
  const text = readFileSync(join(import.meta.dirname, '../fixtures/foreign', product, file), 'utf8')
  const lines = text.trimEnd().split('\n')
  const readings = lines.map((line) => readForeign({ product, source: 'prod' }, JSON.parse(line), key))
  const calls = readings.flatMap((reading) => (reading.kind === 'call' ? [reading] : []))
  return { kinds: readings.map((reading) => reading.kind), calls }
}

const plain = (call: ForeignCall | undefined) => JSON.parse(JSON.stringify(call)) as object

test('a LiteLLM payload tells who, what, how much and AWS’s request id', () => {
  const { kinds, calls } = read('litellm', 'standard-logging-payload.jsonl')
  expect(kinds).toEqual(['call', 'call', 'not_a_call', 'not_a_call', 'not_a_call'])
  expect(plain(calls[0]?.call)).toEqual({
    product: 'litellm',
    source: 'prod',
    id: expect.stringMatching(/^litellm:[0-9a-f]{24}$/),
    requestId: 'chatcmpl-7f0c2a51-1b7e-4a55-9d56-0f6f6f1f7d01',
    awsRequestId: '5f1c9c3e-7d53-4a52-8a4b-0c1f6f6f1a01',
    alias: pseudonymOf(key, 'alice@example.com'),
    model: sonnet,
    operation: '',
    team: 'platform',
    project: '',
    account: '',
    region: 'us-east-1',
    startedAt: '2025-11-24T10:00:00.125Z',
    endedAt: '2025-11-24T10:00:02.500Z',
    result: 'success',
    errorCode: '',
    inputTokens: 100,
    outputTokens: 50,
    cacheReadTokens: 1000,
    cacheWriteTokens: 100,
    stopReason: 'stop',
    firstByteMs: 875,
    durationMs: 2375,
  })
  expect(calls[0]?.identity?.entry).toEqual({
    kind: 'person',
    issuer: 'litellm:prod',
    subject: 'u-1042',
    email: 'alice@example.com',
    name: 'alice-laptop',
  })
})

test('a LiteLLM call that failed says how, and zeros that nobody counted are unknown', () => {
  const failed = read('litellm', 'standard-logging-payload.jsonl').calls[1]?.call
  expect(failed).toMatchObject({ result: 'throttled', httpStatus: 429, errorCode: 'RateLimitError', awsRequestId: '' })
  expect([failed?.inputTokens, failed?.outputTokens, failed?.cacheReadTokens]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('the Claude apps gateway says when headers came, and not how a call with 200 ended', () => {
  const { kinds, calls } = read('claude-apps-gateway', 'audit.jsonl')
  expect(kinds).toEqual(['not_a_call', 'call', 'not_a_call', 'call', 'not_a_call'])
  expect(plain(calls[0]?.call)).toEqual({
    product: 'claude-apps-gateway',
    source: 'prod',
    id: expect.stringMatching(/^claude-apps-gateway:[0-9a-f]{24}$/),
    requestId: '0b1c2d3e-4f50-4617-a829-3a4b5c6d7e8f',
    awsRequestId: '',
    alias: pseudonymOf(key, 'jdoe@example.com'),
    model: 'claude-sonnet-4-5',
    operation: '',
    team: '',
    project: '',
    account: '',
    region: '',
    startedAt: '2025-11-24T10:00:00.500Z',
    httpStatus: 200,
    errorCode: '',
    stopReason: '',
    firstByteMs: 15,
  })
  expect(calls[1]?.call.result).toBe('throttled')
})

test('Kong’s log names consumer, sizes, tokens and, where the answer’s headers are whole, AWS’s request id', () => {
  const { kinds, calls } = read('kong', 'file-log.jsonl')
  expect(kinds).toEqual(['call', 'call', 'not_a_call', 'not_a_call'])
  expect(calls[0]?.call).toMatchObject({
    requestId: '2f6946328ffc4946b8c9120704a4a155',
    awsRequestId: '5f1c9c3e-7d53-4a52-8a4b-0c1f6f6f1a02',
    alias: pseudonymOf(key, 'alice@example.com'),
    model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    region: 'eu-west-1',
    startedAt: '2025-11-24T10:00:00.125Z',
    endedAt: '2025-11-24T10:00:01.855Z',
    result: 'success',
    inputTokens: 28,
    outputTokens: 20,
    cacheReadTokens: 0,
    requestBytes: 1390,
    responseBytes: 9982,
    firstByteMs: 350,
    durationMs: 1730,
  })
  expect(calls[1]?.call).toMatchObject({ inputTokens: 89, result: 'upstream_error', awsRequestId: '', alias: '' })
  expect(calls[1]?.call.outputTokens).toBeUndefined()
})

test('Envoy’s access log names nobody, and AWS’s request id only where its configuration adds it', () => {
  const { kinds, calls } = read('envoy', 'access-log.jsonl')
  expect(kinds).toEqual(['call', 'call', 'not_a_call', 'not_a_call'])
  expect(calls[0]?.call).toMatchObject({
    requestId: '83b63da3-45a9-4196-98b8-1a7f697d6d8d',
    awsRequestId: '',
    alias: '',
    model: sonnet,
    startedAt: '2025-11-24T10:00:00.125Z',
    endedAt: '2025-11-24T10:00:01.651Z',
    result: 'success',
    httpStatus: 200,
    inputTokens: 15,
    outputTokens: 7,
    requestBytes: 105,
    responseBytes: 432,
  })
  expect(calls[1]?.call).toMatchObject({ awsRequestId: '5f1c9c3e-7d53-4a52-8a4b-0c1f6f6f1a03', result: 'aborted' })
  expect(calls[1]?.call.inputTokens).toBeUndefined()
})

test('agentgateway’s line is written at the end, and its start is reckoned from the duration', () => {
  const { kinds, calls } = read('agentgateway', 'request-log.jsonl')
  expect(kinds).toEqual(['call', 'call', 'not_a_call', 'not_a_call'])
  expect(calls[0]?.call).toMatchObject({
    requestId: '8d57dc753938207f00f6aa72c75ad010/8e33ce4fb0ee0f5b',
    awsRequestId: '',
    alias: pseudonymOf(key, 'idp-sub-42'),
    model: sonnet,
    region: 'us-east-1',
    startedAt: '2025-11-24T10:00:00.125Z',
    endedAt: '2025-11-24T10:00:03.448Z',
    inputTokens: 14,
    outputTokens: 9,
    durationMs: 3323,
  })
  expect(calls[1]?.call).toMatchObject({ awsRequestId: '5f1c9c3e-7d53-4a52-8a4b-0c1f6f6f1a04', durationMs: 1500 })
})

test('Portkey’s export gives labels in either form, and no AWS request id', () => {
  const { kinds, calls } = read('portkey', 'export.jsonl')
  expect(kinds).toEqual(['call', 'call', 'not_a_call', 'not_a_call'])
  expect(calls[0]?.call).toMatchObject({
    requestId: '5f4d1c2e-9c7b-4b60-9a53-3c6a1e8d7b10',
    awsRequestId: '',
    alias: pseudonymOf(key, 'alice@example.com'),
    team: 'platform',
    project: 'search',
    region: 'us-east-1',
    result: 'success',
    inputTokens: 30,
    outputTokens: 12,
    durationMs: 1530,
  })
  expect(calls[1]?.call).toMatchObject({ alias: pseudonymOf(key, 'bob'), result: 'rejected' })
  expect(calls[1]?.call.inputTokens).toBeUndefined()
})

test('the same call in another copy of a log has the same id, and in another installation’s log another', () => {
  const [first] = read('litellm', 'standard-logging-payload.jsonl').calls
  const [again] = read('litellm', 'standard-logging-payload.jsonl').calls
  expect(again?.call.id).toBe(first?.call.id)
  const line = readFileSync(
    join(import.meta.dirname, '../fixtures/foreign/litellm/standard-logging-payload.jsonl'),
    'utf8',
  )
  const other = readForeign({ product: 'litellm', source: 'test' }, JSON.parse(line.split('\n')[0] ?? ''), key)
  expect(other.kind === 'call' && other.call.id !== first?.call.id).toBe(true)
})
