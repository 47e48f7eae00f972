import { randomBytes } from 'node:crypto'
import { readFileSync, symlinkSync, unlinkSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { personNamed } from '../../simulator/src/company/people.ts'
import { createServiceKey, revokeServiceKey } from '../../src/capture/gateway/service-keys.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { segmentPath } from '../../src/platform/journal/segment-files.ts'
import { callIdPattern } from '../../src/record/call-id.ts'
import { eventually } from '../fakes/program.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const body = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 300,
  messages: [{ role: 'user', content: 'hello' }],
})
const invoke = `/model/${model}/invoke`
const stream = `/model/${model}/invoke-with-response-stream`

let stand: Stand
let token: string
let seen: number

beforeAll(async () => {
  // Every commit starts a segment, so that a test can choose the file a record will meet.
  stand = await startStand({ gateway: { journal: { segmentBytes: 1 }, heartbeat: '1h', abort: { drain: false } } })
})
afterAll(() => stand.close())
beforeEach(async () => {
  token = await stand.token()
  // Outcomes are written a moment after their answers: what an earlier test left must not be taken for this one's.
  await expect.poll(async () => openCalls(await journalOf(stand.dataDir)), { timeout: 5_000 }).toBe(0)
  seen = (await journalOf(stand.dataDir)).length
})

function openCalls(lines: readonly { readonly type: string }[]): number {
  return lines.reduce((open, { type }) => open + (type === 'call.intent' ? 1 : type === 'call.outcome' ? -1 : 0), 0)
}

const post = (path: string, options: { token?: string; body?: string; headers?: Record<string, string> } = {}) =>
  fetch(`${stand.gateway.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    body: options.body ?? body,
  })
const fresh = async () => (await journalOf(stand.dataDir)).slice(seen).filter((line) => line.type.startsWith('call.'))
const arrived = () => stand.account.parts.received.all().length

async function lastOutcome() {
  for (let tries = 0; tries < 100; tries++) {
    const outcome = (await fresh()).findLast((line) => line.type === 'call.outcome')
    if (outcome !== undefined) return outcome.body
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new RangeError('no outcome was written')
}

test('a call without a credential is refused with a sentence that says how to sign in, and nothing goes upstream', async () => {
  const before = arrived()
  const answer = await post(invoke)
  expect(answer.status).toBe(401)
  expect(answer.headers.get('x-amzn-errortype')).toBe('AccessDeniedException')
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining('sign in with `triptych login`') })
  expect(arrived()).toBe(before)
  expect((await fresh()).map((line) => [line.type, line.body['code'], line.body['alias']])).toEqual([
    ['call.refused', 'CREDENTIAL_MISSING', ''],
  ])
})

test('the same refusal in Anthropic’s shape on the Messages path', async () => {
  const answer = await post('/v1/messages', { headers: { 'x-api-key': 'nonsense' } })
  expect(answer.status).toBe(401)
  expect(await answer.json()).toMatchObject({
    type: 'error',
    error: { type: 'authentication_error' },
    request_id: expect.stringMatching(callIdPattern),
  })
})

test('expired, foreign and meddled tokens are each refused, and none is repeated anywhere', async () => {
  const alice = personNamed('alice')
  const tokens: readonly [string, string][] = [
    ['CREDENTIAL_EXPIRED', await stand.account.idp.token(alice, { expiresInSeconds: -300 })],
    ['CREDENTIAL_INVALID', await stand.account.idp.token(alice, { audience: 'another' })],
    ['CREDENTIAL_INVALID', `${token.slice(0, -4)}AAAA`],
    ['CREDENTIAL_INVALID', 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2V2aWwuZXhhbXBsZSJ9.'],
    ['CREDENTIAL_INVALID', 'x'.repeat(9_000)],
  ]
  for (const [, bad] of tokens) {
    const text = await (await post(invoke, { token: bad })).text()
    expect(text).not.toContain(bad.slice(0, 30))
  }
  expect((await fresh()).map((line) => line.body['code'])).toEqual(tokens.map(([code]) => code))
  expect(stand.log.join('')).not.toContain(token.slice(10, 40))
})

test('a service key works, and ends when it is revoked', async () => {
  const path = join(stand.dataDir, 'config', 'service-keys.json')
  const made = await createServiceKey(path, { name: 'nightly', team: 'platform', days: 1 }, systemClock, randomBytes)
  expect(readFileSync(path, 'utf8')).not.toContain(made.token.split('_')[2])
  await new Promise((resolve) => setTimeout(resolve, 1100))
  expect((await post(invoke, { token: made.token })).status).toBe(200)
  expect(await lastOutcome()).toMatchObject({
    principal: 'service',
    credential: 'service_key',
    team: 'platform',
    attribution: 'key',
  })
  await revokeServiceKey(path, made.key.id, systemClock)
  await new Promise((resolve) => setTimeout(resolve, 1100))
  expect((await post(invoke, { token: made.token })).status).toBe(401)
})

test('a good call has intent before outcome, its person only as an alias, its tokens as Bedrock counted them', async () => {
  const answer = await post(stream, {
    token,
    headers: {
      'x-claude-code-session-id': '8d7f0d3e-0000-4000-8000-1234567890ab',
      'x-claude-code-agent-id': 'not an id!',
    },
  })
  const bytes = Buffer.from(await answer.arrayBuffer())
  const outcome = await lastOutcome()
  expect(answer.headers.get('request-id')).toBe(outcome['call'])
  expect(answer.headers.get('x-amzn-requestid')).toBe(outcome['awsRequestId'])
  expect((await fresh()).map((line) => line.type)).toEqual(['call.intent', 'call.outcome'])
  expect(outcome).toMatchObject({
    result: 'success',
    tokensFrom: 'invocation_metrics',
    complete: true,
    responseBytes: bytes.length,
    session: '8d7f0d3e-0000-4000-8000-1234567890ab',
    agent: 'malformed',
    team: 'payments',
    attribution: 'claim',
    attempts: 1,
  })
  expect(JSON.stringify(await fresh())).not.toMatch(/alice|idp\|/)
})

test('the person is in AWS’s own record: session name, source identity and tags of their session, the call id beside it', async () => {
  await post(invoke, { token })
  const outcome = await lastOutcome()
  const session = stand.account.parts.state.state.sessions.find((one) => one.accessKeyId === outcome['accessKeyId'])
  expect(session).toMatchObject({ sessionName: outcome['alias'], sourceIdentity: outcome['alias'] })
  expect(stand.account.parts.received.all().at(-1)?.userAgent).toBe(`triptych/0.1.0 call/${String(outcome['call'])}`)
  const opened = (await journalOf(stand.dataDir))
    .filter((line) => line.type === 'session.opened')
    .map((line) => line.body['accessKeyId'])
  expect(opened).toContain(outcome['accessKeyId'])
})

test('a body over the limit is refused before it is read, and one that grows over it at that byte', async () => {
  const before = arrived()
  const declared = await new Promise<number>((resolve, reject) => {
    const outgoing = request(
      `${stand.gateway.url}${invoke}`,
      { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-length': '30000000' } },
      (answer) => resolve(answer.statusCode ?? 0),
    )
    outgoing.once('error', reject)
    outgoing.flushHeaders()
  })
  expect(declared).toBe(413)
  const grown = await new Promise<number | string>((resolve) => {
    const outgoing = request(
      `${stand.gateway.url}${invoke}`,
      { method: 'POST', headers: { authorization: `Bearer ${token}`, 'transfer-encoding': 'chunked' } },
      (answer) => resolve(answer.statusCode ?? 0),
    )
    outgoing.once('error', () => resolve('closed'))
    const chunk = Buffer.alloc(1_000_000, 0x20)
    for (let i = 0; i < 30; i++) outgoing.write(chunk)
    outgoing.end()
  })
  expect([413, 'closed']).toContain(grown)
  expect(arrived()).toBe(before)
  expect((await fresh()).map((line) => line.body['code'])).toEqual(['GATEWAY_BODY_TOO_LARGE', 'GATEWAY_BODY_TOO_LARGE'])
})

test('what the gateway does not serve is refused: unknown paths, unknown and disallowed models, a body that is no message', async () => {
  expect((await post('/v1/complete', { token })).status).toBe(404)
  expect((await post('/model/nonsense/invoke', { token })).status).toBe(400)
  expect((await post('/model/meta.llama3-70b-instruct-v1:0/invoke', { token })).status).toBe(403)
  expect((await post('/v1/messages', { token, body: '{"stream":true}' })).status).toBe(400)
  expect((await post('/v1/messages', { token, body: 'not json' })).status).toBe(400)
  expect((await fresh()).map((line) => line.body['code'])).toEqual([
    'GATEWAY_MODEL_UNKNOWN',
    'GATEWAY_MODEL_REFUSED',
    'GATEWAY_BODY_INVALID',
    'GATEWAY_BODY_INVALID',
  ])
})

test('probes carry no credential and are answered; a list of inference profiles is refused as AWS would, and makes no record', async () => {
  expect((await fetch(stand.gateway.url, { method: 'HEAD' })).status).toBe(200)
  expect((await fetch(`${stand.gateway.url}/healthz`)).status).toBe(200)
  expect((await fetch(`${stand.gateway.url}/inference-profiles?type=SYSTEM_DEFINED`)).status).toBe(401)
  expect(await fresh()).toEqual([])
})

test('an upstream that dies in mid-stream breaks the client’s answer, and is recorded as that', async () => {
  stand.account.parts.faults.push({ kind: 'die-mid-stream' })
  const answer = await post(stream, { token })
  await expect(answer.arrayBuffer()).rejects.toThrow()
  expect(await lastOutcome()).toMatchObject({ result: 'stream_error', errorCode: 'upstream_broke', httpStatus: 200 })
})

test('an exception frame and a truncated stream behind a 200 are errors, not successes', async () => {
  stand.account.parts.faults.push({ kind: 'exception-mid-stream' })
  await (await post(stream, { token })).arrayBuffer()
  expect(await lastOutcome()).toMatchObject({ result: 'stream_error', errorCode: 'throttlingException' })
  seen = (await journalOf(stand.dataDir)).length
  stand.account.parts.faults.push({ kind: 'truncate-stream' })
  await (await post(stream, { token })).arrayBuffer()
  expect(await lastOutcome()).toMatchObject({ result: 'stream_error', errorCode: 'truncated' })
})

test('on the Messages path an exception frame becomes an error event with AWS’s wording', async () => {
  stand.account.parts.faults.push({ kind: 'exception-mid-stream' })
  const text = await (
    await post('/v1/messages', {
      token,
      body: JSON.stringify({
        model: 'claude-sonnet-4-5',
        max_tokens: 100,
        stream: true,
        messages: [{ role: 'user', content: 'x' }],
      }),
    })
  ).text()
  expect(text).toContain(
    'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error","message":"Too many tokens',
  )
})

test('a client that hangs up is recorded as aborted, and the upstream call is let go', async () => {
  stand.account.parts.faults.push({ kind: 'stall' })
  const hangUp = new AbortController()
  const answer = await fetch(`${stand.gateway.url}${stream}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
    signal: hangUp.signal,
  })
  await answer.body?.getReader().read()
  hangUp.abort()
  expect(await lastOutcome()).toMatchObject({
    result: 'aborted',
    httpStatus: 200,
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
})

test('AWS’s errors keep status, name and wording', async () => {
  stand.account.parts.faults.push({ kind: 'throttle' })
  const answer = await post(invoke, { token })
  expect(answer.status).toBe(429)
  expect(answer.headers.get('x-amzn-errortype')).toContain('ThrottlingException')
  expect(await answer.json()).toEqual({ message: 'Too many requests, please wait before trying again.' })
  expect(await lastOutcome()).toMatchObject({ result: 'throttled', errorCode: 'ThrottlingException' })
})

test('an expired session is renewed once, and the second attempt is a record', async () => {
  stand.account.parts.faults.push({ kind: 'expired-token' })
  expect((await post(invoke, { token })).status).toBe(200)
  await lastOutcome()
  const lines = await fresh()
  expect(lines.map((line) => line.type)).toEqual(['call.intent', 'call.attempt', 'call.outcome'])
  expect(lines[1]?.body).toMatchObject({ attempt: 2, reason: 'expired_token' })
  expect(lines[2]?.body).toMatchObject({ result: 'success', attempts: 2 })
})

test('an upstream that cannot be reached, or answers another type than was asked for, is a 502 and a record', async () => {
  stand.account.parts.faults.push({ kind: 'refuse-connection' })
  expect((await post(invoke, { token })).status).toBe(502)
  expect(await lastOutcome()).toMatchObject({ result: 'unreachable', httpStatus: 0 })
  seen = (await journalOf(stand.dataDir)).length
  stand.account.parts.faults.push({ kind: 'wrong-content-type' })
  expect((await post(stream, { token })).status).toBe(502)
  expect(await lastOutcome()).toMatchObject({ result: 'stream_error', errorCode: 'wrong_content_type' })
})

test('no call goes upstream while the disk is full, and calls go on when there is room again', async () => {
  const before = arrived()
  const last = (await journalOf(stand.dataDir)).at(-1)?.seq ?? 0
  const full = segmentPath(join(stand.dataDir, 'journal', 'gateway-gw01'), last + 1)
  symlinkSync('/dev/full', full)
  const answer = await post(invoke, { token })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('2')
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining('JOURNAL_UNWRITABLE') })
  expect((await fetch(`${stand.gateway.url}/readyz`)).status).toBe(503)
  expect(arrived()).toBe(before)
  unlinkSync(full)
  expect((await post(invoke, { token })).status).toBe(200)
  expect((await fetch(`${stand.gateway.url}/readyz`)).status).toBe(200)
  expect((await lastOutcome())['result']).toBe('success')
})

test('a client that pipelines two calls and leaves: both have their outcome, and nothing stays behind', async () => {
  stand.account.parts.faults.push({ kind: 'stall', times: 2 })
  const before = (await journalOf(stand.dataDir)).length
  const { port } = new URL(stand.gateway.url)
  const head = `POST ${stream} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(head + head)
  const since = async (type: string) =>
    (await journalOf(stand.dataDir)).slice(before).filter((line) => line.type === type)
  await eventually(
    () => since('call.intent'),
    (lines) => lines.length === 2,
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  socket.destroy()
  const outcomes = await eventually(
    () => since('call.outcome'),
    (lines) => lines.length === 2,
  )
  expect(outcomes.map((line) => line.body['result'])).toEqual(['aborted', 'aborted'])
})

test('a connection that says nothing, or half a head, is not kept for ever', async () => {
  // The bound itself is 15 s; here it is enough that a silent connection does not keep the others from being served.
  const { port } = new URL(stand.gateway.url)
  const silent = connect(Number(port), '127.0.0.1')
  const half = connect(Number(port), '127.0.0.1')
  half.write('POST / HTTP/1.1\r\nhost')
  expect((await fetch(`${stand.gateway.url}/healthz`)).status).toBe(200)
  silent.destroy()
  half.destroy()
})
