import { fork } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startAccount } from '../src/account/start-account.ts'
import { clientOptions, invocationRecords, invokeBody, model, sessionOf, trailRecords } from './kit.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'simulator-restart-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const late = { cloudTrail: [60_000, 60_000] as const, invocations: [60_000, 60_000] as const }

test('after a restart a session still signs, and what was not delivered is, whole', async () => {
  const before = await startAccount({ dataDir, delivery: late })
  const credentials = await sessionOf(before, 'kept')
  const invoke = (url: string) =>
    new BedrockRuntimeClient({ ...clientOptions(before), endpoint: url, credentials }).send(
      new InvokeModelCommand({ modelId: model, body: invokeBody('x'.repeat(110_000)) }),
    )
  const first = (await invoke(before.url)).$metadata.requestId
  before.deliver()
  expect(before.parts.store.list('triptych-sim-trail', '')).toEqual([])
  await before.close()
  const after = await startAccount({ dataDir, delivery: late })
  expect(after.url).toBe(before.url)
  const second = (await invoke(after.url)).$metadata.requestId
  expect(after.parts.received.all().map((call) => call.requestId)).toEqual([first, second])
  const log = invocationRecords(after)
  expect(log.map((one) => one['requestId'])).toEqual([first, second])
  const path = JSON.stringify(log[0]).match(/s3:\/\/triptych-sim-invocations\/([^"]+_input\.json\.gz)/)?.[1]
  expect(after.parts.store.get('triptych-sim-invocations', path ?? '').length).toBeGreaterThan(0)
  const trail = trailRecords(after).map((one) => one['requestID'])
  expect(trail).toEqual(expect.arrayContaining([first, second]))
  await after.close()
})

test('a line that a killed process left half written loses itself and nothing else', async () => {
  const before = await startAccount({ dataDir, delivery: late })
  const { requestId } = (
    await new BedrockRuntimeClient(clientOptions(before)).send(
      new InvokeModelCommand({ modelId: model, body: invokeBody('torn') }),
    )
  ).$metadata
  await before.close()
  const torn = [
    'received.ndjson',
    'undelivered/cloudtrail-us-east-1.ndjson',
    'undelivered/invocations-us-east-1.ndjson',
  ]
  for (const name of torn) appendFileSync(join(dataDir, name), '{"dueAt":17')
  const after = await startAccount({ dataDir })
  const next = (
    await new BedrockRuntimeClient(clientOptions(after)).send(
      new InvokeModelCommand({ modelId: model, body: invokeBody('next') }),
    )
  ).$metadata.requestId
  await after.close()
  const last = await startAccount({ dataDir })
  expect(last.parts.received.all().map((call) => call.requestId)).toEqual([requestId, next])
  expect(invocationRecords(last).map((one) => one['requestId'])).toEqual([requestId, next])
  await last.close()
})

test('a port that somebody took is replaced by a free one', async () => {
  const first = await startAccount({ dataDir })
  const other = await startAccount({ dataDir: join(dataDir, 'other'), port: Number(new URL(first.url).port) })
  expect(other.url).not.toBe(first.url)
  await Promise.all([first.close(), other.close()])
})

test('a token of before a restart is verified by the key set of after it', async () => {
  const before = await startAccount({ dataDir })
  const keys = await (await fetch(`${before.idp.issuer}/jwks`)).json()
  await before.close()
  const after = await startAccount({ dataDir })
  expect(await (await fetch(`${after.idp.issuer}/jwks`)).json()).toEqual(keys)
  expect(JSON.stringify(keys)).not.toContain('"d"')
  await after.close()
})

test('over IPC it says where it listens, and stops when it is told to', async () => {
  const child = fork(join(import.meta.dirname, '../src/main.ts'), ['--data', dataDir, '--seed', '4'], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ready = await new Promise<Record<string, unknown>>((resolve) =>
    child.once('message', (message) => resolve(Object.fromEntries(Object.entries(message)))),
  )
  expect(ready).toMatchObject({ type: 'ready', region: 'us-east-1', accountId: '111122223333' })
  const issuer = String(ready['idp'])
  expect(await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()).toMatchObject({ issuer })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.send({ type: 'nonsense' })
  child.send({ type: 'stop' })
  expect(await ended).toBe(0)
  expect(JSON.parse(readFileSync(join(dataDir, 'state.json'), 'utf8'))).toHaveProperty('port')
})
