import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { scenes } from '../../simulator/src/company/scenes.ts'
import { Traffic } from '../../simulator/src/company/traffic.ts'
import { callsSchema } from '../../src/app/api/schema/call.ts'
import { callDetailSchema } from '../../src/app/api/schema/call-detail.ts'
import { coverageSchema } from '../../src/app/api/schema/coverage.ts'
import { rebuiltSchema } from '../../src/app/api/schema/operate.ts'
import { connectHub, type HubClient } from '../../src/app/cli/hub-client.ts'
import type { RunningHub } from '../../src/app/compose/hub.ts'
import { localWrapper } from '../../src/evidence/vault/key-wrapper.ts'
import { openVault } from '../../src/evidence/vault/vault.ts'
import { loadSecretKeys } from '../../src/platform/secret-keys.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// One account, one gateway, one hub: what happened comes out as one picture, and nothing of what was said lies in the open.

const canary = 'CANARY-7c1e9b'
let stand: Stand
let hub: RunningHub
let client: HubClient

beforeAll(async () => {
  stand = await startStand()
  // The account's configuration is looked at before the calls, and again after them.
  hub = await stand.startHub()
  await hub.runOnce()
  const traffic = new Traffic(stand.account)
  traffic.gateway = stand.gateway.url
  await call('invoke', {
    messages: [{ role: 'user', content: `${canary} in a prompt` }],
    system: `${canary} in the system prompt`,
  })
  await call('invoke-with-response-stream', { messages: [{ role: 'user', content: 'x'.repeat(120_000) + canary }] })
  await call('converse', {
    messages: [{ role: 'user', content: [{ text: canary }] }],
    requestMetadata: { note: canary },
  })
  for (const scene of [
    'ownKey',
    'leakedKey',
    'stolenSession',
    'unlogged',
    'contentMissing',
    'expiredToken',
    'contentSwitchedOn',
    'throttled',
  ] as const)
    await scenes[scene]({ account: stand.account, traffic })
  stand.account.deliverAll()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await hub.runOnce()
  await new Promise((resolve) => setTimeout(resolve, 1200))
  await hub.runOnce()
  await hub.runOnce()
  client = await connectHub(stand.config)
})
afterAll(async () => {
  await client.close()
  await hub.close()
  await stand.close()
})

async function call(verb: string, body: Record<string, unknown>): Promise<void> {
  const whole = verb === 'converse' ? body : { anthropic_version: 'bedrock-2023-05-31', max_tokens: 200, ...body }
  const answer = await fetch(
    `${stand.gateway.url}/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0/${verb}?${canary}=1`,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await stand.token()}`,
        'content-type': 'application/json',
        'x-canary': canary,
        'x-claude-code-session-id': canary,
        'user-agent': canary,
        cookie: `c=${canary}`,
      },
      body: JSON.stringify(whole),
    },
  )
  await answer.arrayBuffer()
}

const calls = async (query = '') => callsSchema.parse(await client.get(`/calls?limit=200${query}`)).calls
const coverage = async () => coverageSchema.parse(await client.get('/coverage?since=1d'))

test('every kind of call has the verdict that its witnesses give, and the numbers add up', async () => {
  const { verdicts, total } = await coverage()
  expect(verdicts).toMatchObject({
    content_unexpected: 1,
    bypass: 5,
    unlogged: 1,
    content_missing: 1,
    refused: 1,
    pending: 0,
  })
  // AWS may or may not log the throttled call: by seed.
  expect((verdicts['corroborated'] ?? 0) + (verdicts['uncorroborated'] ?? 0)).toBe(4)
  expect(Object.values(verdicts).reduce((sum, count) => sum + count, 0)).toBe(total)
  expect((await calls()).length).toBe(total)
})

test('the calls of a person carry an alias, never a name, and every record says simulated', async () => {
  const text = JSON.stringify(await calls())
  expect(text).not.toMatch(/alice|example\.com|dev-laptop|BedrockAPIKey/)
  expect((await calls()).every((one) => one.simulated)).toBe(true)
})

test('a call is found by its call id and by AWS’s request id', async () => {
  const one = (await calls('&verdict=corroborated'))[0]
  const under = async (id: string | undefined) => callDetailSchema.parse(await client.get(`/calls/${id}`)).call
  expect(await under(one?.callId)).toEqual(await under(one?.awsRequestId))
})

test('nothing of what was said, and no name, lies in the open anywhere below the data directory, in no log line and no answer', async () => {
  const places = readdirSync(stand.dataDir, { recursive: true, withFileTypes: true }).filter(
    (entry) =>
      entry.isFile() && !entry.parentPath.includes('/simulator') && !entry.parentPath.includes('/archive/cloudtrail'),
  )
  expect(places.length).toBeGreaterThan(20)
  const found = places
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /CANARY-7c1e9b|alice|idp\|/.test(readFileSync(path, 'latin1')))
  expect(found).toEqual([])
  expect(stand.log.join('')).not.toContain(canary)
  expect(JSON.stringify(await calls())).not.toContain(canary)
})

test('what was said is in the vault, whole, and only with its keys', async () => {
  const keys = await loadSecretKeys(join(stand.dataDir, 'config'))
  const vault = await openVault({
    dir: join(stand.dataDir, 'vault'),
    wrapper: localWrapper(keys('vault-master'), () => new Uint8Array(12)),
    random: () => new Uint8Array(12),
  })
  const envelopes = readdirSync(join(stand.dataDir, 'archive', 'invocations'), {
    recursive: true,
    withFileTypes: true,
  }).filter((entry) => entry.name.endsWith('.jsonl'))
  const lineSchema = z.object({
    record: z.object({ inputRef: z.string(), principalAlias: z.string(), inputState: z.string() }),
  })
  const lines = envelopes
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').trim().split('\n').slice(1))
    .map((line) => lineSchema.parse(JSON.parse(line)).record)
  const kept = lines.filter((line) => line.inputState === 'kept')
  const bodies = await Promise.all(kept.map((line) => vault.read(line.inputRef, line.principalAlias)))
  expect(bodies.filter((body) => body.includes(canary)).length).toBe(3)
  // The large body stood in an object of its own.
  expect(bodies.some((body) => body.length > 120_000 && body.includes(canary))).toBe(true)
  expect(lines.some((line) => line.inputState === 'not_kept')).toBe(true)
  await vault.close()
  const wrong = await openVault({
    dir: join(stand.dataDir, 'vault'),
    wrapper: localWrapper(new Uint8Array(32), () => new Uint8Array(12)),
    random: () => new Uint8Array(12),
  })
  await expect(wrong.read(kept[0]?.inputRef ?? '', kept[0]?.principalAlias ?? '')).rejects.toMatchObject({
    code: 'VAULT_UNREADABLE',
  })
  await wrong.close()
})

test('what a list shortens is found by what it shows: the beginning of an alias, a part of a model', async () => {
  const one = (await calls('&verdict=corroborated'))[0]
  const found = await calls(`&person=${one?.alias.slice(0, 8)}&model=${one?.model.split('.')[1]?.slice(0, 10)}`)
  expect(found.map((call) => call.callId)).toContain(one?.callId)
  expect(new Set(found.map((call) => call.alias))).toEqual(new Set([one?.alias]))
})

test('the first CloudTrail row of a call is the one that was compared', async () => {
  const withTwo = (await calls()).filter((call) => call.seen.access && call.seen.gateway)
  expect(withTwo.length).toBeGreaterThan(3)
  for (const call of withTwo) {
    const { panels } = callDetailSchema.parse(await client.get(`/calls/${call.callId}`))
    expect(panels.access[0]?.['requestId']).toBe(call.awsRequestId)
  }
})

test('each answer was an act in the hub’s journal before it was given', async () => {
  const before = (await journalOf(stand.dataDir, 'hub')).filter((line) => line.type === 'answer.given').length
  await client.get('/ask/who')
  const acts = (await journalOf(stand.dataDir, 'hub')).filter((line) => line.type === 'answer.given')
  expect(acts.length).toBe(before + 1)
  expect(acts.at(-1)?.body).toEqual({ surface: 'api.ask.who', who: 'socket-owner', filters: [] })
})

test('the store made again from archive and journals gives the same numbers', async () => {
  const before = await coverage()
  const one = (await calls('&verdict=corroborated'))[0]
  const timeline = async () => callDetailSchema.parse(await client.get(`/calls/${one?.callId}`)).timeline
  const moments = (all: Awaited<ReturnType<typeof timeline>>) => all.filter(({ kind }) => kind !== 'verdict')
  const ingested = async () => {
    return (await journalOf(stand.dataDir, 'hub')).filter((line) => line.type === 'file.ingested').length
  }
  const [lived, taken] = [await timeline(), await ingested()]
  const lines = []
  for await (const answer of client.post('/rebuild', {})) lines.push(rebuiltSchema.parse(answer))
  expect(lines.at(-1)).toMatchObject({ files: expect.any(Number), done: true })
  expect((await coverage()).verdicts).toEqual(before.verdicts)
  // Files arrived when they arrived, and they were taken in once.
  expect(moments(await timeline())).toEqual(moments(lived))
  expect((await timeline()).at(-1)?.text).toContain('Judged again')
  expect(await ingested()).toBe(taken)
})

test('an unknown filter, a wrong value and an unknown path are refused, never ignored', async () => {
  await expect(client.get('/calls?persn=x')).rejects.toMatchObject({ code: 'QUERY_INVALID', facts: { field: 'persn' } })
  await expect(client.get('/calls?verdict=nonsense')).rejects.toMatchObject({ code: 'QUERY_INVALID' })
  await expect(client.get('/calls?since=yesterday')).rejects.toMatchObject({
    code: 'QUERY_INVALID',
    facts: { field: 'since' },
  })
  await expect(client.get('/calls/nothing-like-it')).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
})

test('broken invocation logs: good records are taken in, bad ones are named, a cut-off gz gives what was whole', async () => {
  const good = (n: number) =>
    JSON.stringify({
      schemaType: 'ModelInvocationLog',
      timestamp: '2026-11-23T10:00:00Z',
      requestId: `bad-input-${n}`,
      operation: 'InvokeModel',
      accountId: '111122223333',
      region: 'us-east-1',
      modelId: 'anthropic.claude-3-sonnet-20240229-v1:0',
      input: { inputBodyJson: { n } },
      identity: { arn: 'arn:aws:iam::111122223333:user/bob' },
    })
  const text = Array.from({ length: 1000 }, (_, i) => (i === 499 ? '{"requestId": broken' : good(i))).join('\n')
  const dir = join(stand.dataDir, 'simulator', 'given')
  mkdirSync(dir)
  writeFileSync(join(dir, 'mixed.json'), text)
  const zipped = gzipSync(
    Array.from({ length: 3000 }, (_, i) => `${good(5000 + i)}${Math.random()}`.replace(/0\.\d+$/, '')).join('\n'),
  )
  writeFileSync(join(dir, 'cut.json.gz'), zipped.subarray(0, zipped.length - 2000))
  writeFileSync(join(dir, 'empty.json'), '')
  writeFileSync(join(dir, 'prose.json'), 'this is no log\n')
  const lines: unknown[] = []
  for await (const line of client.post('/ingest', { kind: 'invocations', path: dir })) lines.push(line)
  const by = (name: string) =>
    lines.find((line) => typeof line === 'object' && line !== null && 'name' in line && line.name === name)
  expect(by('mixed.json')).toMatchObject({ result: { records: 999, rejected: [{ position: 500, code: 'not_json' }] } })
  expect(by('cut.json.gz')).toMatchObject({ result: { rejected: [{ code: 'truncated_gzip' }] } })
  expect(by('prose.json')).toMatchObject({ result: { records: 0, rejected: [{ position: 1, code: 'not_json' }] } })
  expect(by('empty.json')).toMatchObject({
    error: { code: 'INGEST_FILE_UNREADABLE', message: expect.stringContaining('reason=empty') },
  })
  const again: unknown[] = []
  for await (const line of client.post('/ingest', { kind: 'invocations', path: join(dir, 'mixed.json') }))
    again.push(line)
  expect(again).toMatchObject([{ result: { already: true, duplicates: 999, rejected: [{ position: 500 }] } }])
})

test('logs of a real account are not taken into the directory of a simulated one', async () => {
  const genuine = join(import.meta.dirname, '../fixtures/cloudtrail')
  const ingest = async () => {
    for await (const _ of client.post('/ingest', { kind: 'cloudtrail', path: genuine })) expect.unreachable()
  }
  await expect(ingest()).rejects.toMatchObject({ code: 'CONFIG_INVALID', facts: { key: 'dataDir' } })
})
