import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fault } from '../../simulator/src/account/faults.ts'
import { people } from '../../simulator/src/company/people.ts'
import { segmentPath } from '../../src/platform/journal/segment-files.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// Everything goes wrong at once, with a secret planted wherever a caller or an upstream can put one.

const canary = 'CANARY-93d1e2ab'
const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const seconds = 20
let stand: Stand

beforeAll(async () => {
  stand = await startStand({
    gateway: { metrics: '127.0.0.1:0', heartbeat: '500ms', journal: { segmentBytes: 200_000 } },
    latency: { firstByteMs: [0, 20], chunkMs: [0, 5] },
  })
})
afterAll(() => stand.close())

const body = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 120,
  system: `${canary} in the system prompt`,
  metadata: { user_id: canary },
  messages: [
    { role: 'user', content: `${canary} in the prompt ${'x'.repeat(2_000)}` },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'read', input: { path: canary } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: `${canary} in a tool result` }] },
  ],
})
const planted: Record<string, string> = {
  'content-type': 'application/json',
  'user-agent': canary,
  'x-claude-code-session-id': canary,
  'x-claude-code-agent-id': canary,
  'anthropic-beta': canary,
  'x-amzn-bedrock-request-metadata': JSON.stringify({ note: canary, [canary]: 'x' }),
  'x-amzn-bedrock-trace': canary,
  cookie: canary,
  referer: `https://example.com/${canary}`,
  'x-forwarded-user': canary,
  [`x-${canary.toLowerCase()}`]: canary,
}
const kinds: readonly Fault['kind'][] = [
  'refuse-connection',
  'die-mid-stream',
  'exception-mid-stream',
  'truncate-stream',
  'throttle',
  'error-500',
  'expired-token',
  'wrong-content-type',
]
const paths = [
  `/model/${sonnet}/invoke`,
  `/model/${sonnet}/invoke-with-response-stream`,
  `/model/${sonnet}/converse`,
  '/v1/messages',
]

async function caller(token: string, until: number, seed: number): Promise<void> {
  let turn = seed
  while (performance.now() < until) {
    turn += 1
    if (turn % 3 === 0) stand.account.parts.faults.push({ kind: kinds[turn % kinds.length] ?? 'throttle' })
    const path = paths[turn % paths.length] ?? ''
    const sent =
      path === '/v1/messages'
        ? JSON.stringify({ ...JSON.parse(body), model: 'claude-sonnet-4-5', stream: turn % 2 === 0 })
        : body
    const hangUp = new AbortController()
    if (turn % 10 === 0) setTimeout(() => hangUp.abort(), turn % 25)
    // Some tokens are wrong, and the wrong one is a secret as well.
    const bearer = turn % 17 === 0 ? `${canary}.${canary}.${canary}` : token
    await fetch(`${stand.gateway.url}${path}?q=${canary}`, {
      method: 'POST',
      headers: { ...planted, authorization: `Bearer ${bearer}` },
      body: sent,
      signal: hangUp.signal,
    })
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined)
    if (turn % 29 === 0) await halfClose(token)
  }
}

/** Sends a whole request and closes its own half at once. */
function halfClose(token: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(stand.gateway.url).port), '127.0.0.1')
    socket.once('close', () => resolve())
    socket.once('error', () => resolve())
    socket.resume()
    socket.end(
      `POST ${paths[1]} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  })
}

/** The disk is full, or read-only, for a moment: the next segment cannot be written. */
async function breakDisk(target: string): Promise<void> {
  const last = (await journalOf(stand.dataDir)).at(-1)?.seq ?? 0
  for (let ahead = 1; ahead <= 400; ahead++) {
    const path = segmentPath(join(stand.dataDir, 'journal', 'gateway-gw01'), last + ahead)
    try {
      symlinkSync(target, path)
    } catch {
      // A segment of this number is there already.
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  for (const name of readdirSync(join(stand.dataDir, 'journal', 'gateway-gw01'))) {
    const path = join(stand.dataDir, 'journal', 'gateway-gw01', name)
    if (lstatSync(path).isSymbolicLink()) unlinkSync(path)
  }
}

test(`for ${seconds} s upstreams reset, streams break, one in ten clients leaves, sockets are half closed and the disk fails: sent is recorded, once, always`, async () => {
  const until = performance.now() + seconds * 1000
  const tokens = await Promise.all(people.slice(0, 8).map((person) => stand.account.idp.token(person)))
  const callers = tokens.map((token, i) => caller(token, until, i * 7))
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  await breakDisk('/dev/full')
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  await breakDisk('/proc/version')
  await Promise.all(callers)
  const callsOf = async (type: string) =>
    (await journalOf(stand.dataDir)).filter((line) => line.type === type).map((line) => String(line.body['call']))
  await expect
    .poll(async () => (await callsOf('call.outcome')).length - (await callsOf('call.intent')).length, {
      timeout: 20_000,
    })
    .toBe(0)
  const intents = await callsOf('call.intent')
  const sent = stand.account.parts.received.all().map((call) => call.userAgent.split('call/')[1] ?? '')
  expect(sent.length).toBeGreaterThan(100)
  expect([...new Set(sent)].filter((call) => !intents.includes(call))).toEqual([])
  expect((await callsOf('call.outcome')).sort()).toEqual([...intents].sort())
  const results = new Set(
    (await journalOf(stand.dataDir)).filter(({ type }) => type === 'call.outcome').map((line) => line.body['result']),
  )
  for (const result of ['success', 'throttled', 'stream_error', 'unreachable', 'aborted'])
    expect(results).toContain(result)
})

test('the secret is nowhere on disk, in no log and in no metric', async () => {
  // What the simulated account keeps is AWS's: it is not looked at.
  const places = readdirSync(stand.dataDir, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('simulator'),
  )
  let looked = 0
  for (const name of places) {
    const path = join(stand.dataDir, name)
    expect(name.includes(canary), name).toBe(false)
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue
    looked += 1
    expect(readFileSync(path).includes(canary), name).toBe(false)
  }
  expect(looked).toBeGreaterThan(3)
  expect(stand.log.join('')).not.toContain(canary)
  expect(await (await fetch(stand.gateway.metricsUrl ?? '')).text()).not.toContain(canary)
  // A gate that cannot fail is none: the account did get it.
  expect(JSON.stringify(stand.account.parts.received.all().length)).not.toBe('0')
})
