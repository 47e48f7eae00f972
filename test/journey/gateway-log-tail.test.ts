import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createWork } from '../../src/app/compose/hub-work.ts'
import { type HubParts, openHub } from '../../src/app/compose/open-hub.ts'
import { checkConfig } from '../../src/app/config.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { liteLlmLine } from '../fakes/litellm-log.ts'
import { temporaryDir } from '../fakes/stand.ts'

// A directory of LiteLLM logs that grow, are rotated in every usual way, and outlive the hub.

let dir: string
let logs: string
let parts: HubParts
let work: Awaited<ReturnType<typeof createWork>>

beforeEach(async () => {
  dir = temporaryDir('log-tail')
  logs = join(dir, 'logs')
  mkdirSync(logs)
  await open()
})
afterEach(async () => {
  await parts.close()
  rmSync(dir, { recursive: true, force: true })
})

async function open(): Promise<void> {
  const source = { type: 'gateway-log', format: 'litellm', name: 'prod', directory: logs, every: '1ms' }
  const config = checkConfig({ dataDir: join(dir, 'data'), sources: [source], estate: { every: '365d' } })
  parts = await openHub(
    config,
    systemClock,
    createLogger('silent', () => undefined),
  )
  work = await createWork(parts)
}

/** A CloudTrail record of a direct call. */
const directCall = (eventTime: string) => ({
  eventVersion: '1.11',
  eventID: '5f1c9c3e-7d53-4a52-8a4b-0c1f6f6f1aff',
  requestID: '6f1c9c3e-7d53-4a52-8a4b-0c1f6f6f1aff',
  eventTime,
  eventSource: 'bedrock.amazonaws.com',
  eventName: 'InvokeModel',
  eventType: 'AwsApiCall',
  eventCategory: 'Management',
  awsRegion: 'us-east-1',
  recipientAccountId: '111122223333',
  sourceIPAddress: '192.0.2.9',
  userAgent: 'Boto3/1.40.0',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/dev', accountId: '111122223333' },
  requestParameters: { modelId: 'anthropic.claude-3-sonnet-20240229-v1:0' },
})

async function restart(): Promise<void> {
  await parts.close()
  await open()
}

const start = Date.parse('2026-11-23T10:00:00Z')
const lineOf = (n: number) =>
  liteLlmLine({ id: `chatcmpl-${n}`, startedAt: start + n * 1000, awsRequestId: `aws-${n}`, says: `CANARY ${n}` })
const linesOf = (...numbers: readonly number[]) => numbers.map(lineOf).join('')
const current = () => join(logs, 'litellm.log')

/** Numbers of the calls in the store, each as often as it stands there. */
async function taken(): Promise<readonly number[]> {
  const row = z.object({ own_request_id: z.string() })
  const sql = 'SELECT own_request_id FROM v_gateway_calls ORDER BY ts'
  const rows = await parts.engine.rows(row, sql, {}, { surface: 'test' })
  return rows.map((found) => Number(found.own_request_id.replace('chatcmpl-', '')))
}

async function loads(): Promise<number> {
  const row = z.object({ duplicates: z.coerce.number() })
  const rows = await parts.engine.rows(row, 'SELECT duplicates FROM v_source_files', {}, { surface: 'test' })
  return rows.reduce((sum, found) => sum + found.duplicates, 0)
}

test('what a log gains is taken in, a line that is not whole yet waits for its end', async () => {
  writeFileSync(current(), linesOf(1, 2))
  await work.runOnce()
  expect(await taken()).toEqual([1, 2])
  const third = lineOf(3)
  appendFileSync(current(), third.slice(0, 200))
  await work.runOnce()
  expect(await taken()).toEqual([1, 2])
  appendFileSync(current(), third.slice(200))
  await work.runOnce()
  expect(await taken()).toEqual([1, 2, 3])
  expect(await loads()).toBe(0)
})

test('a last line that is whole is taken although no newline follows it', async () => {
  writeFileSync(current(), lineOf(1).trimEnd())
  await work.runOnce()
  appendFileSync(current(), `\n${lineOf(2).trimEnd()}`)
  await work.runOnce()
  expect(await taken()).toEqual([1, 2])
  expect(await loads()).toBe(0)
})

test('rotation by rename loses nothing and reads nothing twice, also what was written just before it', async () => {
  writeFileSync(current(), linesOf(1, 2))
  await work.runOnce()
  appendFileSync(current(), lineOf(3))
  renameSync(current(), join(logs, 'litellm.log.1'))
  writeFileSync(current(), lineOf(4))
  await work.runOnce()
  expect(await taken()).toEqual([1, 2, 3, 4])
  renameSync(join(logs, 'litellm.log.1'), join(logs, 'litellm.log.2'))
  renameSync(current(), join(logs, 'litellm.log.1'))
  writeFileSync(current(), lineOf(5))
  await work.runOnce()
  expect(await taken()).toEqual([1, 2, 3, 4, 5])
  expect(await loads()).toBe(0)
})

test('rotation by copy and truncation loses nothing, and the copy’s calls count once', async () => {
  writeFileSync(current(), linesOf(1, 2))
  await work.runOnce()
  appendFileSync(current(), lineOf(3))
  copyFileSync(current(), join(logs, 'litellm.log.1'))
  truncateSync(current())
  appendFileSync(current(), lineOf(4))
  await work.runOnce()
  expect(await taken()).toEqual([1, 2, 3, 4])
})

test('a file that was cut and has grown past its old end is read from its beginning', async () => {
  writeFileSync(current(), lineOf(1))
  await work.runOnce()
  truncateSync(current())
  appendFileSync(current(), linesOf(2, 3, 4))
  await work.runOnce()
  expect(await taken()).toEqual([1, 2, 3, 4])
})

test('a rotated file that was packed meanwhile is read, and its calls count once', async () => {
  writeFileSync(current(), linesOf(1, 2))
  await work.runOnce()
  writeFileSync(join(logs, 'litellm.log.1.gz'), gzipSync(readFileSync(current(), 'utf8') + lineOf(3)))
  unlinkSync(current())
  writeFileSync(current(), lineOf(4))
  await work.runOnce()
  expect(await taken()).toEqual([1, 2, 3, 4])
})

test('a restarted hub goes on where it was, through a rotation that it did not see', async () => {
  writeFileSync(current(), linesOf(1, 2))
  await work.runOnce()
  appendFileSync(current(), lineOf(3))
  renameSync(current(), join(logs, 'litellm.log-20261124'))
  writeFileSync(current(), lineOf(4))
  await restart()
  await work.runOnce()
  expect(await taken()).toEqual([1, 2, 3, 4])
  expect(await loads()).toBe(0)
})

test('positions that are lost, or a store that is made again, bring no call twice', async () => {
  writeFileSync(current(), linesOf(1, 2))
  await work.runOnce()
  rmSync(join(dir, 'data', 'config', 'log-tails'), { recursive: true })
  await restart()
  appendFileSync(current(), lineOf(3))
  await work.runOnce()
  expect(await taken()).toEqual([1, 2, 3])
  await work.services.rebuild(async () => undefined)
  expect(await taken()).toEqual([1, 2, 3])
  await work.runOnce()
  expect(await taken()).toEqual([1, 2, 3])
})

test('what could not be loaded is read again when it can be, and its calls count once', async () => {
  writeFileSync(join(logs, 'a.log'), lineOf(1))
  writeFileSync(join(logs, 'b.log'), lineOf(2))
  const { engine } = parts
  let full = true
  const failing: HubParts['engine'] = {
    kind: engine.kind,
    query: (...query) => engine.query(...query),
    rows: (...query) => engine.rows(...query),
    command: (sql, params) => engine.command(sql, params),
    insert: (table, rows) =>
      full && table === 'gateway_calls' ? Promise.reject(new Error('ENOSPC')) : engine.insert(table, rows),
    close: () => engine.close(),
  }
  work = await createWork({ ...parts, engine: failing })
  await work.runOnce()
  expect(await taken()).toEqual([])
  expect(work.services.status().sources[0]).toMatchObject({ failed: 2, lastError: 'INGEST_FILE_UNREADABLE' })
  full = false
  await work.runOnce()
  expect(await taken()).toEqual([1, 2])
  expect(work.services.status().sources[0]).toMatchObject({ failed: 0 })
})

test('a followed log denies a call that it is silent about: nothing was written since, and it was looked at', async () => {
  writeFileSync(current(), lineOf(1))
  mkdirSync(join(dir, 'trail'))
  writeFileSync(join(dir, 'trail', 'a.json'), JSON.stringify({ Records: [directCall('2026-11-23T12:00:00Z')] }))
  await work.runOnce()
  for await (const file of work.services.ingest({ kind: 'cloudtrail' }, join(dir, 'trail')))
    expect(file.result?.calls).toBe(1)
  const row = z.object({ verdict: z.string(), findings: z.array(z.string()) })
  const sql = `SELECT verdict, findings FROM v_calls WHERE seen_access = 1`
  const [call] = await parts.engine.rows(row, sql, {}, { surface: 'test' })
  expect(call).toMatchObject({ verdict: 'bypass' })
  expect(call?.findings).toContain('bypass:not_in_gateway_log')
})

test('a broken line is counted once and costs no other; nothing of a line is kept but its envelope', async () => {
  writeFileSync(current(), `${lineOf(1)}Traceback, most recent: {"no": CANARY\n${lineOf(2)}{"half": "CANARY`)
  await work.runOnce()
  await work.runOnce()
  expect(await taken()).toEqual([1, 2])
  const rejected = z.object({ position: z.coerce.number(), code: z.string() })
  const sql = 'SELECT position, code FROM rejected_records'
  expect(await parts.engine.rows(rejected, sql, {}, { surface: 'test' })).toEqual([{ position: 2, code: 'not_json' }])
  const open = readdirSync(join(dir, 'data'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  expect(open.filter((text) => /CANARY|alice/.test(text))).toEqual([])
  expect(work.services.status().sources).toMatchObject([{ type: 'gateway-log', files: 1, failed: 0, lastError: '' }])
})
