import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createWork } from '../../src/app/compose/hub-work.ts'
import { type HubParts, openHub } from '../../src/app/compose/open-hub.ts'
import { checkConfig } from '../../src/app/config.ts'
import { isHalfRebuilt } from '../../src/app/ingest/rebuild.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { temporaryDir } from '../fakes/stand.ts'

// A hub over directories, as when somebody hands over exported logs: callers without a name, files that come late or broken.

let dir: string
let parts: HubParts

beforeEach(async () => {
  dir = temporaryDir('unusual')
  mkdirSync(join(dir, 'logs'))
  parts = await open()
})
afterEach(async () => {
  await parts.close()
  rmSync(dir, { recursive: true, force: true })
})

const open = () =>
  openHub(
    checkConfig({
      dataDir: join(dir, 'data'),
      sources: [{ type: 'invocations', directory: join(dir, 'logs'), every: '1ms' }],
      estate: { every: '365d' },
      content: { default: 'keep' },
    }),
    systemClock,
    createLogger('silent', () => undefined),
  )

const record = (requestId: string, more: Record<string, unknown> = {}) => ({
  schemaType: 'ModelInvocationLog',
  timestamp: '2026-11-23T10:00:00Z',
  requestId,
  operation: 'InvokeModel',
  accountId: '111122223333',
  region: 'us-east-1',
  modelId: 'anthropic.claude-3-sonnet-20240229-v1:0',
  input: { inputBodyJson: { says: requestId } },
  identity: { arn: 'arn:aws:iam::111122223333:user/bob' },
  ...more,
})

const give = (name: string, ...records: object[]) =>
  writeFileSync(join(dir, 'logs', name), records.map((one) => `${JSON.stringify(one)}\n`).join(''))

const taken = () =>
  parts.engine.rows(
    z.object({ request_id: z.string(), principal_alias: z.string(), owner: z.string(), input_ref: z.string() }),
    'SELECT request_id, principal_alias, owner, input_ref FROM v_content_records ORDER BY request_id',
    {},
    { surface: 'test' },
  )

test('callers without a name of their own are taken in, and their bodies are kept under a key of their own', async () => {
  give(
    'a.json',
    record('root', { identity: { arn: 'arn:aws:iam::111122223333:root' } }),
    record('instance', { identity: { arn: 'arn:aws:sts::111122223333:assumed-role/app/i-0123456789abcdef0' } }),
    record('nobody', { identity: undefined }),
    record('nowhere', { region: undefined, operation: undefined }),
  )
  await (await createWork(parts)).runOnce()
  const rows = await taken()
  expect(rows.map((row) => row.request_id)).toEqual(['instance', 'nobody', 'nowhere', 'root'])
  expect(rows.map((row) => row.principal_alias)).toEqual(['i-0123456789abcdef0', '', expect.stringMatching(/^q/), ''])
  for (const row of rows)
    expect((await parts.vault.read(row.input_ref, row.owner)).toString()).toBe(JSON.stringify({ says: row.request_id }))
  expect(new Set(rows.map((row) => row.owner)).size).toBe(4)
})

test('a file that could not be read keeps the layer unread; when it can be, it is taken in', async () => {
  give('a.json', record('first'))
  give('b.json', record('second'))
  let full = true
  const newIntake = () => {
    const intake = parts.vault.newIntake()
    return { ...intake, finish: () => (full ? Promise.reject(new Error('ENOSPC')) : intake.finish()) }
  }
  const broken = { ...parts, vault: { ...parts.vault, newIntake } }
  const work = await createWork(broken)
  await work.runOnce()
  expect(parts.sourcesRead.content).toBe(Number.NEGATIVE_INFINITY)
  expect(work.services.status().sources[0]).toMatchObject({ files: 0, lastError: 'INGEST_FILE_UNREADABLE' })
  full = false
  await work.runOnce()
  expect(Number.isFinite(parts.sourcesRead.content)).toBe(true)
  expect((await taken()).length).toBe(2)
})

test('a file that grew is taken in again, also by the next program, and how far was read is known there at once', async () => {
  give('a.json', record('first'))
  await (await createWork(parts)).runOnce()
  const readUntil = parts.sourcesRead.content
  await parts.close()
  appendFileSync(join(dir, 'logs', 'a.json'), `${JSON.stringify(record('second'))}\n`)
  parts = await open()
  const work = await createWork(parts)
  expect(parts.sourcesRead.content).toBe(readUntil)
  await work.runOnce()
  expect((await taken()).map((row) => row.request_id)).toEqual(['first', 'second'])
})

test('a rebuild that was cut off is done again at the next start', async () => {
  give('a.json', record('first'), { no: 'record' })
  await (await createWork(parts)).runOnce()
  writeFileSync(join(dir, 'data', 'config', 'rebuilding'), '')
  await parts.engine.command('TRUNCATE TABLE content_records')
  await parts.close()
  parts = await open()
  await createWork(parts)
  expect((await taken()).length).toBe(1)
  expect(await isHalfRebuilt(parts)).toBe(false)
  const rejected = z.object({ code: z.string() })
  expect(await parts.engine.rows(rejected, 'SELECT code FROM rejected_records', {}, { surface: 'test' })).toEqual([
    { code: 'not_an_invocation' },
  ])
})

test('a second program on the same directory is refused before it touches anything', async () => {
  const before = readdirSync(join(dir, 'data'), { recursive: true }).length
  await expect(open()).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' })
  expect(readdirSync(join(dir, 'data'), { recursive: true }).length).toBe(before)
})

test('a journal whose segment was cut shorter is said once, and read on', async () => {
  const work = await createWork(parts)
  await work.runOnce()
  const journal = join(dir, 'data', 'journal', 'gateway-zz99')
  mkdirSync(journal, { recursive: true })
  const own = join(dir, 'data', 'journal', 'hub')
  await parts.act('hub.started', { version: '0', simulated: false })
  await parts.act('hub.stopped', { version: '0' })
  const segment = readdirSync(own).find((name) => name.endsWith('.jsonl')) ?? ''
  const lines = readFileSync(join(own, segment), 'utf8').trimEnd().split('\n')
  const text = (count: number) =>
    lines
      .slice(0, count)
      .map((line) => `${line}\n`)
      .join('')
  writeFileSync(join(journal, segment), text(2))
  await work.runOnce()
  writeFileSync(join(journal, segment), text(1))
  await work.runOnce()
  await work.runOnce()
  const said = readFileSync(join(own, segment), 'utf8').match(/"journal\.broken"/g) ?? []
  expect(said.length).toBe(1)
})
