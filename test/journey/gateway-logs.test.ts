import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { accessKeys, buckets } from '../../simulator/src/account/estate.ts'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { models, Traffic } from '../../simulator/src/company/traffic.ts'
import { callsSchema } from '../../src/app/api/schema/call.ts'
import { callDetailSchema } from '../../src/app/api/schema/call-detail.ts'
import { coverageSchema } from '../../src/app/api/schema/coverage.ts'
import { type Ingested, ingestedSchema, rebuiltSchema } from '../../src/app/api/schema/operate.ts'
import { showCommand } from '../../src/app/cli/commands/calls.ts'
import { coverageCommand } from '../../src/app/cli/commands/coverage.ts'
import { ingestCommand } from '../../src/app/cli/commands/ingest.ts'
import { connectHub, type HubClient } from '../../src/app/cli/hub-client.ts'
import { type RunningHub, startHub } from '../../src/app/compose/hub.ts'
import { checkConfig } from '../../src/app/config.ts'
import type { Config } from '../../src/app/config-schema.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { liteLlmLine } from '../fakes/litellm-log.ts'
import { rawStandConfig, temporaryDir } from '../fakes/stand.ts'

// A company that runs LiteLLM and no gateway of ours: its log is handed over, and AWS's records are held against it.

const canary = 'CANARY-91d0aa'
let dataDir: string
let logDir: string
let account: Account
let config: Config
let hub: RunningHub
let client: HubClient
const logged: string[] = []

interface Sent {
  readonly awsRequestId: string
  readonly at: number
}
const sent: Record<'right' | 'wrongModel' | 'direct', Sent> = {
  right: { awsRequestId: '', at: 0 },
  wrongModel: { awsRequestId: '', at: 0 },
  direct: { awsRequestId: '', at: 0 },
}

beforeAll(async () => {
  dataDir = temporaryDir('gateway-logs')
  logDir = join(dataDir, 'simulator', 'litellm')
  mkdirSync(logDir, { recursive: true })
  process.env['AWS_ACCESS_KEY_ID'] = accessKeys.operator.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = accessKeys.operator.secretAccessKey
  account = await startAccount({ dataDir: join(dataDir, 'simulator'), seed: 5 })
  const { gateway: _, ...raw } = rawStandConfig(dataDir, account)
  config = checkConfig({ ...raw, gateway: { identity: { serviceKeys: false } } })
  hub = await startHub(
    config,
    systemClock,
    createLogger('debug', (line) => void logged.push(line)),
  )
  await hub.runOnce()
  const traffic = new Traffic(account)
  for (const [name, key] of [
    ['right', accessKeys.pipeline],
    ['direct', accessKeys.laptop],
    ['wrongModel', accessKeys.pipeline],
  ] as const) {
    const at = Date.now()
    const { awsRequestId } = await traffic.direct(key, { model: models.sonnet })
    sent[name] = { awsRequestId, at }
  }
  account.deliverAll()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await hub.runOnce()
  await hub.runOnce()
  client = await connectHub(config)
})
afterAll(async () => {
  await client.close()
  await hub.close()
  await account.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const calls = async () => callsSchema.parse(await client.get('/calls?limit=200')).calls
const detailOf = async (id: string) => callDetailSchema.parse(await client.get(`/calls/${encodeURIComponent(id)}`))
const verdictOf = async (id: string) => (await detailOf(id)).call.verdict
const ingest = async (path: string, more: Record<string, string> = {}): Promise<readonly Ingested[]> => {
  const files: Ingested[] = []
  for await (const line of client.post('/ingest', {
    kind: 'gateway-log',
    format: 'litellm',
    name: 'prod',
    path,
    ...more,
  }))
    files.push(ingestedSchema.parse(line))
  return files
}

/** Tokens as Bedrock counted them, in the way in which LiteLLM counts. */
async function tokensOf(id: string): Promise<{ promptTokens: number; completionTokens: number }> {
  const cell = z.object({ field: z.string(), cells: z.object({ content: z.object({ text: z.string().optional() }) }) })
  const fields = z.array(cell).parse((await detailOf(id)).fields)
  const read = (name: string) => Number(fields.find(({ field }) => field === name)?.cells.content.text ?? 0)
  return { promptTokens: read('input') + read('cache_read') + read('cache_write'), completionTokens: read('output') }
}

test('before any log is handed over, nobody is accused of going round a gateway that there is none of', async () => {
  expect((await calls()).map((call) => call.findings.includes('no_gateway'))).toEqual([true, true, true])
})

test('a call that LiteLLM logged with AWS’s request id is corroborated, one whose model differs is a mismatch, one it does not name a bypass', async () => {
  const lines = [
    liteLlmLine({
      id: 'chatcmpl-1',
      startedAt: sent.right.at,
      awsRequestId: sent.right.awsRequestId,
      says: canary,
      ...(await tokensOf(sent.right.awsRequestId)),
    }),
    'this line is broken {\n',
    liteLlmLine({
      id: 'chatcmpl-2',
      startedAt: sent.wrongModel.at,
      awsRequestId: sent.wrongModel.awsRequestId,
      model: models.haiku,
      says: canary,
    }),
    `${JSON.stringify({ call_type: 'call_mcp_tool', startTime: 1 })}\n`,
  ]
  writeFileSync(join(logDir, 'proxy.jsonl.gz'), gzipSync(lines.join('')))
  const [file] = await ingest(join(logDir, 'proxy.jsonl.gz'))
  expect(file?.result).toMatchObject({ records: 3, calls: 2, duplicates: 0, already: false })
  expect(file?.result?.rejected).toEqual([{ position: 2, code: 'not_json' }])
  expect(await verdictOf(sent.right.awsRequestId)).toBe('corroborated')
  expect(await verdictOf('chatcmpl-1')).toBe('corroborated')
  expect(await verdictOf(sent.wrongModel.awsRequestId)).toBe('mismatch')
  const direct = (await detailOf(sent.direct.awsRequestId)).call
  expect(direct).toMatchObject({ verdict: 'bypass', gateway: '' })
  expect(direct.findings).toContain('bypass:not_in_gateway_log')
})

test('tokens, region and time are held against AWS’s records, and what the log does not say is not', async () => {
  const { call } = await detailOf(sent.right.awsRequestId)
  const fields = new Set(call.compared.filter(({ between }) => between[0] === 'gateway').map(({ field }) => field))
  expect([...fields].sort()).toEqual(['model', 'region', 'time', 'tokens'])
  expect(call).toMatchObject({ gateway: 'litellm:prod', team: 'platform', operation: 'InvokeModel' })
  expect(call.alias).toMatch(/^q[0-9a-f]{20}$/)
})

test('the same log again changes nothing, nor does a copy of it in another form', async () => {
  const [again] = await ingest(join(logDir, 'proxy.jsonl.gz'))
  expect(again?.result).toMatchObject({ already: true })
  writeFileSync(
    join(logDir, 'list.json'),
    `[${liteLlmLine({ id: 'chatcmpl-1', startedAt: sent.right.at, awsRequestId: sent.right.awsRequestId })}]`,
  )
  const [copy] = await ingest(join(logDir, 'list.json'))
  expect(copy?.result).toMatchObject({ already: false, calls: 1, duplicates: 1 })
  expect((await calls()).length).toBe(3)
  expect((await ingest(logDir)).map((file) => file.result?.already)).toEqual([true, true])
})

test('a log in a bucket is taken in as one in a directory is', async () => {
  const s3 = new S3Client({ endpoint: account.url, region: 'us-east-1', forcePathStyle: true })
  const line = liteLlmLine({ id: 'chatcmpl-1', startedAt: sent.right.at, awsRequestId: sent.right.awsRequestId })
  await s3.send(new PutObjectCommand({ Bucket: buckets.trail, Key: 'litellm/2026/x.jsonl', Body: `${line}\n` }))
  s3.destroy()
  const [file] = await ingest(`s3://${buckets.trail}/litellm/`)
  expect(file?.result).toMatchObject({ calls: 1, duplicates: 1 })
  expect((await calls()).length).toBe(3)
})

test('the command line shows the product’s name, in a call as in the coverage', async () => {
  let text = ''
  const screen = {
    width: 200,
    colour: false,
    write(part: string) {
      text += part
    },
  }
  await showCommand(client, sent.right.awsRequestId, false, screen)
  expect(text).toContain('gateway (litellm:prod)')
  expect(text).toContain('chatcmpl-1')
  text = ''
  await coverageCommand(client, {}, false, screen)
  expect(text).toMatch(/litellm:prod\s+2\s+2/)
  expect(coverageSchema.parse(await client.get('/coverage')).gatewayLogs).toMatchObject([
    { gateway: 'litellm:prod', calls: 2, withRequestId: 2 },
  ])
  text = ''
  const path = join(logDir, 'proxy.jsonl.gz')
  expect(
    await ingestCommand(client, { kind: 'gateway-log', format: 'litellm', name: 'prod' }, [path], false, screen),
  ).toBe(1)
  expect(text).toContain('record 2: not_json')
})

test('a rebuild brings the calls and their verdicts back from the envelopes', async () => {
  const before = (await calls()).map(({ key, verdict, gateway }) => ({ key, verdict, gateway }))
  for await (const line of client.post('/rebuild', {})) rebuiltSchema.parse(line)
  expect((await calls()).map(({ key, verdict, gateway }) => ({ key, verdict, gateway }))).toEqual(before)
})

test('the envelope has a receipt, as the outcome that the gateway logged', async () => {
  await hub.runOnce()
  const { receipts } = await detailOf(sent.right.awsRequestId)
  expect(receipts.filter(({ state }) => state === 'entered').map(({ record }) => record)).toEqual(
    expect.arrayContaining(['outcome', 'access', 'content']),
  )
  expect(receipts.some(({ record }) => record === 'intent')).toBe(false)
})

test('nothing of what was said, no header and no name of the log lies in the open below the data directory', () => {
  const found = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(dataDir, 'simulator')))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /CANARY|alice|192\.0\.2\.7|88dc28d0f030c55e/.test(readFileSync(path, 'latin1')))
  expect(found).toEqual([])
  expect(logged.join('')).not.toMatch(/CANARY|alice/)
})

test('a log that names no AWS request id joins nothing, says why, and takes the word back about calls it may have sent', async () => {
  const at = sent.direct.at
  writeFileSync(join(logDir, 'nameless.jsonl'), liteLlmLine({ id: 'chatcmpl-3', startedAt: at }))
  await ingest(join(logDir, 'nameless.jsonl'), { name: 'other' })
  const nameless = (await calls()).find((call) => call.gateway === 'litellm:other')
  expect(nameless).toMatchObject({ verdict: 'uncorroborated', awsRequestId: '' })
  expect(nameless?.reason).toContain('the log of litellm:other names no AWS request id')
  const direct = (await detailOf(sent.direct.awsRequestId)).call
  expect(direct.verdict).toBe('corroborated')
  expect(direct.reason).toContain('nobody can say whether litellm:other sent it')
})

test('a gateway log without its format, or of a product nobody reads, is refused before anything is read', async () => {
  const refused = async (body: Record<string, string>) => {
    for await (const _ of client.post('/ingest', body)) throw new Error('taken in')
  }
  await expect(refused({ kind: 'gateway-log', path: logDir })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
  await expect(refused({ kind: 'gateway-log', format: 'nginx', path: logDir })).rejects.toMatchObject({
    code: 'QUERY_INVALID',
  })
})
