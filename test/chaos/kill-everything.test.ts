import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { people } from '../../simulator/src/company/people.ts'
import { callsSchema } from '../../src/app/api/schema/call.ts'
import { coverageSchema } from '../../src/app/api/schema/coverage.ts'
import { connectHub } from '../../src/app/cli/hub-client.ts'
import { checkConfig } from '../../src/app/config.ts'
import { verifyDirectory } from '../../src/app/verify/verify-directory.ts'
import { startCallers } from '../fakes/callers.ts'
import { eventually, type Program, startProgram, writeProgramConfig } from '../fakes/program.ts'
import { journalOf, rawStandConfig, temporaryDir } from '../fakes/stand.ts'

// kill -9 of the whole program in the middle of traffic, again and again: AWS itself counts what it was sent.

const rounds = 20
const port = 18_787
const gateway = `http://127.0.0.1:${port}`
let dir: string
let account: Account
let file: string
let dataDir: string

beforeAll(async () => {
  dir = temporaryDir('kill')
  dataDir = join(dir, 'data')
  account = await startAccount({
    dataDir: join(dir, 'simulator'),
    seed: 11,
    latency: { firstByteMs: [5, 60], chunkMs: [1, 6] },
  })
  const config = rawStandConfig(dataDir, account, {
    // Small segments: kills fall into rotations too.
    gateway: { listen: `127.0.0.1:${port}`, journal: { segmentBytes: 8_000 } },
    corroborate: { every: '200ms' },
  })
  file = writeProgramConfig(dir, config)
})
afterAll(async () => {
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

async function isReady(): Promise<boolean> {
  return fetch(`${gateway}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  )
}

async function start(): Promise<Program> {
  const program = startProgram(['--config', file, 'up'])
  if (!(await eventually(isReady, (ready) => ready))) throw new RangeError(`not ready: ${program.output()}`)
  return program
}

test(`after ${rounds} kills every call that AWS was sent is there once, with its outcome or as unknown, and a rebuild says the same`, async () => {
  const tokens = await Promise.all(people.slice(0, 6).map((person) => account.idp.token(person)))
  for (let round = 0; round < rounds; round++) {
    const before = account.parts.received.all().length
    const program = await start()
    const callers = startCallers(gateway, tokens)
    // A busy machine takes longer to get going: the kill is to fall among calls.
    await eventually(
      async () => account.parts.received.all().length - before,
      (sent) => sent >= 6,
    )
    await new Promise((resolve) => setTimeout(resolve, 50 + ((round * 97) % 600)))
    await program.killAll()
    await callers.stop()
    account.deliver()
  }
  const sent = account.parts.received.all().map((call) => call.userAgent.split('call/')[1] ?? '')
  expect(sent.length).toBeGreaterThan(rounds * 5)

  const program = await start()
  account.deliverAll()
  const client = await connectHub(checkConfig({ ...rawStandConfig(dataDir, account), dataDir }))
  const coverage = async () => coverageSchema.parse(await client.get('/coverage'))
  await eventually(coverage, ({ verdicts, total }) => total >= new Set(sent).size && verdicts['pending'] === 0)

  const lines = await journalOf(dataDir)
  const intents = lines.filter((line) => line.type === 'call.intent').map((line) => String(line.body['call']))
  const outcomes = lines.filter((line) => line.type === 'call.outcome').map((line) => String(line.body['call']))
  expect(new Set(intents).size).toBe(intents.length)
  expect([...outcomes].sort()).toEqual([...intents].sort())
  expect(sent.filter((call) => !intents.includes(call))).toEqual([])
  expect(lines.some((line) => line.body['result'] === 'unknown')).toBe(true)

  // With their reasons: a number alone would not say what went wrong.
  for (const verdict of ['bypass', 'lost', 'mismatch', 'pending', 'unlogged', 'content_missing']) {
    const { calls } = callsSchema.parse(await client.get(`/calls?limit=1000&verdict=${verdict}`))
    expect(calls.map(({ reason, findings, seen }) => ({ verdict, reason, findings, seen }))).toEqual([])
  }
  const before = await coverage()
  expect(before.total).toBe(intents.length)
  const seen = new Set<string>()
  for (const verdict of ['corroborated', 'outcome_unknown', 'uncorroborated']) {
    const { calls } = callsSchema.parse(await client.get(`/calls?limit=1000&verdict=${verdict}`))
    for (const call of calls) {
      expect(seen.has(call.callId)).toBe(false)
      seen.add(call.callId)
    }
  }
  if (before.total <= 1000) expect(sent.filter((call) => !seen.has(call))).toEqual([])

  for await (const answer of client.post('/rebuild', {})) expect(answer).toMatchObject({ records: expect.any(Number) })
  expect((await coverage()).verdicts).toEqual(before.verdicts)
  await client.close()
  expect(await program.interrupt()).toBe(0)
  // The ledger was killed with everything else: every record that it committed to is there, as it was.
  const verified = await verifyDirectory({
    place: { data: dataDir },
    key: undefined,
    kept: [],
    onProgress: () => undefined,
  })
  expect(verified.faults).toEqual([])
  expect(verified.size).toBeGreaterThan(intents.length * 2)
})
