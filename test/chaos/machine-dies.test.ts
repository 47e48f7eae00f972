import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

const port = 18_789
const gateway = `http://127.0.0.1:${port}`
const rootKey = 'ab'.repeat(32)

let dir: string
let account: Account
let place: string
let machine: string
let hubDir: string

beforeEach(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = accessKeys.gateway.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = accessKeys.gateway.secretAccessKey
  dir = temporaryDir('machine')
  place = join(dir, 'place')
  machine = join(dir, 'machine')
  hubDir = join(dir, 'hub')
  account = await startAccount({
    dataDir: join(dir, 'simulator'),
    seed: 12,
    latency: { firstByteMs: [5, 60], chunkMs: [1, 6] },
  })
})
afterEach(async () => {
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

/** A directory with nothing in it but the key. */
function emptyMachine(path: string): void {
  mkdirSync(join(path, 'config'), { recursive: true, mode: 0o700 })
  writeFileSync(join(path, 'config', 'root.key'), rootKey, { mode: 0o600 })
}

async function newMachine(replicate: string): Promise<Program> {
  emptyMachine(machine)
  const journal = { segmentBytes: 30_000, replicate, reserveBytes: 0 }
  const ship = { directory: place, every: '150ms' }
  const own = { listen: `127.0.0.1:${port}`, journal, ship }
  const file = writeProgramConfig(dir, rawStandConfig(machine, account, { gateway: own }))
  const program = startProgram(['--config', file, 'gateway'])
  const isReady = () =>
    fetch(`${gateway}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
  if (!(await eventually(isReady, (ready) => ready))) throw new RangeError(`not ready: ${program.output()}`)
  return program
}

/** Kills at random moments, the disk lost each time; the calls that the account counted. */
async function dieAgainAndAgain(rounds: number, replicate: string): Promise<readonly string[]> {
  const tokens = await Promise.all(people.slice(0, 6).map((person) => account.idp.token(person)))
  for (let round = 0; round < rounds; round++) {
    const program = await newMachine(replicate)
    const callers = startCallers(gateway, tokens)
    await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 700))
    await program.killAll()
    rmSync(machine, { recursive: true, force: true })
    await callers.stop()
  }
  // The last machine's calls are settled by the one that follows.
  await (await newMachine(replicate)).interrupt()
  account.deliverAll()
  return account.parts.received.all().map((call) => call.userAgent.split('call/')[1] ?? '')
}

/** A hub on another machine that has the place alone. */
async function openHubThere() {
  emptyMachine(hubDir)
  const raw = rawStandConfig(hubDir, account)
  const sources = [...(raw['sources'] as object[]), { type: 'journals', directory: place, every: '1ms' }]
  const config = checkConfig({ ...raw, sources })
  const log: string[] = []
  const hub = await startHub(
    config,
    systemClock,
    createLogger('info', (line) => void log.push(line)),
  )
  const client = await connectHub(config)
  const coverage = async () => {
    await hub.runOnce()
    return coverageSchema.parse(await client.get('/coverage'))
  }
  const settled = await eventually(coverage, ({ total, verdicts }) => total > 0 && verdicts['pending'] === 0)
  await client.close()
  await hub.close()
  return { ...settled, log, lines: await journalOf(hubDir) }
}

const rounds = 10

test(`${rounds} times kill -9 with the disk lost: a hub that reads the second place alone knows every call that AWS was sent`, async () => {
  const sent = await dieAgainAndAgain(rounds, 'ship')
  expect(sent.length).toBeGreaterThan(rounds * 5)
  const { lines, verdicts, total, log } = await openHubThere()
  const intents = lines.filter((line) => line.type === 'call.intent').map((line) => String(line.body['call']))
  const outcomes = lines.filter((line) => line.type === 'call.outcome').map((line) => String(line.body['call']))
  process.stdout.write(`sent ${sent.length}, intents ${intents.length}, records ${lines.length}\n`)
  // Sent upstream = recorded; each once, with its outcome.
  expect(sent.filter((call) => !intents.includes(call))).toEqual([])
  expect(new Set(intents).size).toBe(intents.length)
  expect([...outcomes].sort()).toEqual([...intents].sort())
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => i + 1))
  expect(log.filter((line) => line.includes('refused'))).toEqual([])
  expect(total).toBe(intents.length)
  expect(verdicts).toMatchObject({ bypass: 0, lost: 0, mismatch: 0, pending: 0 })
  const place = { data: hubDir }
  const verified = await verifyDirectory({ place, key: undefined, kept: [], onProgress: () => undefined })
  expect(verified.faults).toEqual([])

  // Of whom the records speak is known as well: every alias is in the book that came along.
  const keys = await loadSecretKeys(join(hubDir, 'config'))
  const book = await readAliasBook(join(hubDir, 'identities', 'gateway-gw01.jsonl'), keys)
  const aliases = new Set(lines.filter((line) => line.type === 'call.intent').map((line) => line.body['alias']))
  expect(book.unreadable).toBe(0)
  expect([...aliases].filter((alias) => !book.entries.some((entry) => entry.alias === alias))).toEqual([])
  expect(aliases.size).toBeLessThanOrEqual(6)
})

test('where calls do not wait for the second place, what a lost disk took is said to be lost, and nobody is said to have gone round the gateway', async () => {
  const sent = await dieAgainAndAgain(4, 'none')
  const { lines, verdicts } = await openHubThere()
  const intents = new Set(lines.filter((line) => line.type === 'call.intent').map((line) => String(line.body['call'])))
  expect(sent.some((call) => !intents.has(call))).toBe(true)
  expect(verdicts['lost']).toBeGreaterThan(0)
  expect(verdicts).toMatchObject({ bypass: 0, mismatch: 0, pending: 0 })
  const place = { data: hubDir }
  const verified = await verifyDirectory({ place, key: undefined, kept: [], onProgress: () => undefined })
  expect(verified.faults).toEqual([])
})
