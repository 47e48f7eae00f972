import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { people } from '../../simulator/src/company/people.ts'
import { eventually, type Program, startProgram, writeProgramConfig } from '../fakes/program.ts'
import { journalOf, rawStandConfig, temporaryDir } from '../fakes/stand.ts'

// One gateway of two processes on one port: what they share, and a restart in the middle of streams.

const port = 18_796
const metricsPort = 18_797
const gateway = `http://127.0.0.1:${port}`
const haiku = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
let dir: string
let account: Account
let program: Program
let tokens: readonly string[]

beforeAll(async () => {
  dir = temporaryDir('workers')
  account = await startAccount({
    dataDir: join(dir, 'simulator'),
    seed: 23,
    latency: { firstByteMs: [0, 20], chunkMs: [20, 40] },
  })
  const policy = join(dir, 'policy.yaml')
  writeFileSync(
    policy,
    `version: "1"\nrules: [{ name: all, everyone: true, models: ["*"] }]\nlimits:\n  - { name: data-rpm, by: team, teams: [data], requestsPerMinute: 5 }\n`,
  )
  const config = rawStandConfig(join(dir, 'data'), account, {
    gateway: { listen: `127.0.0.1:${port}`, metrics: `127.0.0.1:${metricsPort}`, workers: 2, policy },
  })
  program = startProgram(['--config', writeProgramConfig(dir, { ...config, log: { level: 'error' } }), 'gateway'])
  const ready = () =>
    fetch(`${gateway}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
  expect(await eventually(ready, Boolean), program.output()).toBe(true)
  tokens = await Promise.all(people.map((person) => account.idp.token(person)))
})
afterAll(async () => {
  await program.killAll().catch(() => undefined)
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Over a connection of its own each time, so that both processes get some. */
const call = (token: string | undefined, verb = 'invoke') =>
  new Promise<{ status: number; bytes: number }>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const outgoing = request(
      `${gateway}/model/${haiku}/${verb}`,
      { method: 'POST', agent: false, headers },
      (answer) => {
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        answer.once('error', reject)
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, bytes }))
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
  })
const body = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 120,
  messages: [{ role: 'user', content: 'x' }],
})
const journals = () => readdirSync(join(dir, 'data', 'journal')).filter((name) => name.startsWith('gateway-'))
const lines = async () => (await Promise.all(journals().map((name) => journalOf(join(dir, 'data'), name)))).flat()

/** A busy machine takes longer to start the second. */
const slow = { timeout: 20_000 }

test('both processes take calls into journals of their own; a person has one alias and one session', async () => {
  await expect.poll(() => journals(), slow).toEqual(['gateway-gw01', 'gateway-gw02'])
  await expect.poll(async () => new Set((await lines()).map(({ source }) => source)).size, slow).toBe(2)
  await new Promise((resolve) => setTimeout(resolve, 500))
  for (let i = 0; i < 12; i++) expect((await call(tokens[0])).status).toBe(200)
  const intents = async () => (await lines()).filter(({ type }) => type === 'call.intent')
  await expect.poll(async () => new Set((await intents()).map(({ source }) => source)).size, slow).toBe(2)
  expect(new Set((await intents()).map(({ body }) => body['alias'])).size).toBe(1)
  expect((await lines()).filter(({ type }) => type === 'session.opened')).toHaveLength(1)
  // The id of a call names the journal that has it.
  for (const { source, body } of await intents()) expect(`gateway-${String(body['call']).slice(0, 4)}`).toBe(source)
})

test('a limit counts for both, and metrics are those of both', async () => {
  const judy = tokens[people.findIndex(({ team }) => team === 'data')]
  const statuses = []
  for (let i = 0; i < 8; i++) statuses.push((await call(judy)).status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(5)
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  const counted = [...text.matchAll(/^triptych_gateway_calls_total\{[^}]*result="success"[^}]*\} (\d+)/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  )
  expect(counted).toBe(17)
})

test('a process that is killed is started again', async () => {
  const workers = () => childrenOf(program.process.pid ?? 0)
  const before = workers()
  expect(before).toHaveLength(2)
  process.kill(before[0] ?? 0, 'SIGKILL')
  await expect.poll(() => workers().filter((pid) => !before.includes(pid)).length, { timeout: 15_000 }).toBe(1)
  await expect
    .poll(async () => (await call(tokens[1]).catch(() => ({ status: 0 }))).status, { timeout: 15_000 })
    .toBe(200)
})

test('a restart of each process in turn under load loses no stream and refuses no call', async () => {
  const before = childrenOf(program.process.pid ?? 0)
  let stopped = false
  const seen: { status: number; bytes: number }[] = []
  const failed: unknown[] = []
  const callers = tokens
    .filter((_, i) => people[i]?.team !== 'data')
    .slice(0, 6)
    .map(async (token) => {
      while (!stopped)
        await call(token, 'invoke-with-response-stream').then(
          (one) => seen.push(one),
          (cause: unknown) => failed.push(cause),
        )
    })
  await new Promise((resolve) => setTimeout(resolve, 500))
  process.kill(program.process.pid ?? 0, 'SIGHUP')
  await expect
    .poll(() => childrenOf(program.process.pid ?? 0).filter((pid) => before.includes(pid)).length, { timeout: 60_000 })
    .toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  stopped = true
  await Promise.all(callers)
  expect(failed).toEqual([])
  expect(seen.length).toBeGreaterThan(10)
  expect(seen.filter(({ status, bytes }) => status !== 200 || bytes < 500)).toEqual([])
  const count = async (type: string) => (await lines()).filter((line) => line.type === type).length
  await expect.poll(async () => (await count('call.outcome')) - (await count('call.intent'))).toBe(0)
  expect((await lines()).filter(({ body }) => body['result'] === 'stream_error')).toEqual([])
  expect(await program.interrupt()).toBe(0)
})

/** Processes whose parent this is (Linux). */
function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid ? [Number(name)] : []
      } catch {
        return []
      }
    })
}
