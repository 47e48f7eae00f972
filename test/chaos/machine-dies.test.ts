import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessKeys } from '../../simulator/src/account/estate.ts'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { people } from '../../simulator/src/company/people.ts'
import { coverageSchema } from '../../src/app/api/schema/coverage.ts'
import { connectHub } from '../../src/app/cli/hub-client.ts'
import { startHub } from '../../src/app/compose/hub.ts'
import { checkConfig } from '../../src/app/config.ts'
import { verifyDirectory } from '../../src/app/verify/verify-directory.ts'
import { readAliasBook } from '../../src/capture/gateway/alias-book.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { loadSecretKeys } from '../../src/platform/secret-keys.ts'
import { startCallers } from '../fakes/callers.ts'
import { eventually, type Program, startProgram, writeProgramConfig } from '../fakes/program.ts'
import { journalOf, rawStandConfig, temporaryDir } from '../fakes/stand.ts'

// A gateway's machine dies with its disk, again and again, in the middle of traffic. What is left is what it shipped.

const rounds = 10
const port = 18_789
const gateway = `http://127.0.0.1:${port}`
const rootKey = 'ab'.repeat(32)

let dir: string
let account: Account
let place: string
let machine: string

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = accessKeys.gateway.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = accessKeys.gateway.secretAccessKey
  dir = temporaryDir('machine')
  place = join(dir, 'place')
  machine = join(dir, 'machine')
  account = await startAccount({
    dataDir: join(dir, 'simulator'),
    seed: 12,
    latency: { firstByteMs: [5, 60], chunkMs: [1, 6] },
  })
})
afterAll(async () => {
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

/** A machine with nothing on it but the key. */
async function newMachine(): Promise<Program> {
  mkdirSync(join(machine, 'config'), { recursive: true, mode: 0o700 })
  writeFileSync(join(machine, 'config', 'root.key'), rootKey, { mode: 0o600 })
  const file = writeProgramConfig(
    dir,
    rawStandConfig(machine, account, {
      gateway: {
        listen: `127.0.0.1:${port}`,
        journal: { segmentBytes: 30_000, replicate: 'ship', reserveBytes: 0 },
        ship: { directory: place, every: '1s' },
      },
    }),
  )
  const program = startProgram(['--config', file, 'gateway'])
  const isReady = () =>
    fetch(`${gateway}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
  if (!(await eventually(isReady, (ready) => ready))) throw new RangeError(`not ready: ${program.output()}`)
  return program
}

test(`${rounds} times kill -9 with the disk lost: a hub that reads the second place alone knows every call that AWS was sent`, async () => {
  const tokens = await Promise.all(people.slice(0, 6).map((person) => account.idp.token(person)))
  for (let round = 0; round < rounds; round++) {
    const program = await newMachine()
    const callers = startCallers(gateway, tokens)
    await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 700))
    await program.killAll()
    rmSync(machine, { recursive: true, force: true })
    await callers.stop()
  }
  const sent = account.parts.received.all().map((call) => call.userAgent.split('call/')[1] ?? '')
  expect(sent.length).toBeGreaterThan(rounds * 5)
  // The last machine's calls are settled by the one that follows.
  await (await newMachine()).interrupt()

  const data = join(dir, 'hub')
  mkdirSync(join(data, 'config'), { recursive: true, mode: 0o700 })
  writeFileSync(join(data, 'config', 'root.key'), rootKey, { mode: 0o600 })
  account.deliverAll()
  const raw = rawStandConfig(data, account)
  const sources = [...(raw['sources'] as object[]), { type: 'journals', directory: place, every: '1ms' }]
  const config = checkConfig({ ...raw, sources })
  const log: string[] = []
  const hub = await startHub(
    config,
    systemClock,
    createLogger('info', (line) => void log.push(line)),
  )
  await hub.runOnce()
  const lines = await journalOf(data)
  const intents = lines.filter((line) => line.type === 'call.intent').map((line) => String(line.body['call']))
  const outcomes = lines.filter((line) => line.type === 'call.outcome').map((line) => String(line.body['call']))
  // Sent upstream = recorded; each once, with its outcome.
  expect(sent.filter((call) => !intents.includes(call))).toEqual([])
  expect(new Set(intents).size).toBe(intents.length)
  expect([...outcomes].sort()).toEqual([...intents].sort())
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => i + 1))
  expect(log.filter((line) => line.includes('refused'))).toEqual([])

  const client = await connectHub(config)
  const coverage = async () => {
    await hub.runOnce()
    return coverageSchema.parse(await client.get('/coverage'))
  }
  const { verdicts, total } = await eventually(coverage, (found) => found.verdicts['pending'] === 0)
  expect(total).toBe(intents.length)
  expect(verdicts).toMatchObject({ bypass: 0, lost: 0, mismatch: 0, pending: 0 })
  await client.close()
  await hub.close()
  const verified = await verifyDirectory({ place: { data }, key: undefined, kept: [], onProgress: () => undefined })
  expect(verified.faults).toEqual([])
  process.stdout.write(`sent ${sent.length}, intents ${intents.length}, records ${lines.length}\n`)

  // Of whom the records speak is known as well: every alias is in the book that came along.
  const book = await readAliasBook(
    join(data, 'identities', 'gateway-gw01.jsonl'),
    await loadSecretKeys(join(data, 'config')),
  )
  const aliases = new Set(lines.filter((line) => line.type === 'call.intent').map((line) => line.body['alias']))
  expect(book.unreadable).toBe(0)
  expect([...aliases].filter((alias) => !book.entries.some((entry) => entry.alias === alias))).toEqual([])
  expect(aliases.size).toBeLessThanOrEqual(6)
})
