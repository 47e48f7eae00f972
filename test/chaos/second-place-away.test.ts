import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { people } from '../../simulator/src/company/people.ts'
import { loadSecretKeys } from '../../src/platform/secret-keys.ts'
import { openShippedJournal } from '../../src/platform/shipping/accept-piece.ts'
import { openPiece } from '../../src/platform/shipping/envelope.ts'
import { startCallers } from '../fakes/callers.ts'
import { eventually } from '../fakes/program.ts'
import { journalOf, type Stand, startStand, temporaryDir } from '../fakes/stand.ts'

// The second place goes away under load and comes back: first where calls do not wait for it, then where they do.

const dir = temporaryDir('away')
const place = join(dir, 'place')
const stands: Stand[] = []
afterAll(async () => {
  for (const stand of stands) await stand.close()
  rmSync(dir, { recursive: true, force: true })
})

async function standWith(journal: Record<string, unknown>, directory: string): Promise<Stand> {
  const gateway = {
    metrics: '127.0.0.1:0',
    journal: { segmentBytes: 30_000, reserveBytes: 0, ...journal },
    ship: { directory, every: '50ms' },
  }
  const stand = await startStand({ gateway })
  stands.push(stand)
  return stand
}

/** A file where the directory was: nothing can be put below it, whoever asks. */
function takeAway(directory: string): void {
  renameSync(directory, `${directory}.kept`)
  writeFileSync(directory, '')
}

function bringBack(directory: string): void {
  rmSync(directory)
  renameSync(`${directory}.kept`, directory)
}

const ready = async (stand: Stand) => (await fetch(`${stand.gateway.url}/readyz`)).status
const lag = async (stand: Stand) =>
  Number(
    /triptych_gateway_shipping_lag_seconds ([\d.e-]+)/.exec(
      await (await fetch(stand.gateway.metricsUrl ?? '')).text(),
    )?.[1],
  )

/** What the place holds, piece by piece in the order of its names: each must go on where the one before ended. */
async function piecesOf(stand: Stand, directory: string) {
  const key = (await loadSecretKeys(join(stand.dataDir, 'config')))('journal-ship')
  const folder = join(directory, 'gateway-gw01', 'records')
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => {
      const piece = openPiece(key, readFileSync(join(folder, name)))
      if (typeof piece === 'string') throw new RangeError(`${name}: ${piece}`)
      return piece
    })
}

async function expectShippedOnce(stand: Stand, directory: string): Promise<void> {
  const wanted = await journalOf(stand.dataDir)
  const pieces = await eventually(
    () => piecesOf(stand, directory),
    (found) => (found.at(-1)?.last ?? 0) >= wanted.length,
  )
  let next = 1
  for (const piece of pieces) {
    expect(piece.first).toBe(next)
    next = piece.last + 1
  }
  const rebuilt = join(dir, `rebuilt-${stands.length}`)
  const journal = await openShippedJournal(join(rebuilt, 'journal', 'gateway-gw01'))
  for (const piece of pieces) expect(await journal.accept(piece)).toBe('accepted')
  const there = await journalOf(rebuilt)
  expect(there.slice(0, wanted.length)).toEqual(wanted)
}

const load = async (stand: Stand) => {
  const tokens = await Promise.all(people.slice(0, 4).map((person) => stand.account.idp.token(person)))
  return startCallers(stand.gateway.url, tokens)
}

test('shipping goes on where it was when its place is there again: every record once, in order, while calls never waited', async () => {
  const stand = await standWith({}, place)
  const callers = await load(stand)
  await eventually(async () => existsSync(join(place, 'gateway-gw01', 'records')), Boolean)
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 250))
    takeAway(place)
    const before = stand.account.parts.received.all().length
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(await lag(stand)).toBeGreaterThan(0.2)
    expect(await ready(stand)).toBe(200)
    expect(stand.account.parts.received.all().length).toBeGreaterThan(before)
    bringBack(place)
  }
  await callers.stop()
  expect(
    await eventually(
      () => lag(stand),
      (seconds) => seconds < 1,
    ),
  ).toBeLessThan(1)
  await expectShippedOnce(stand, place)
  expect(stand.log.some((line) => line.includes('gateway.ship.failed') && line.includes('ENOTDIR'))).toBe(true)
  expect(stand.log.some((line) => line.includes('gateway.ship.resumed'))).toBe(true)
})

test('where calls wait for it they are refused while it is away, nothing goes upstream, and they go out again by themselves', async () => {
  const waited = join(dir, 'waited')
  const stand = await standWith({ replicate: 'ship' }, waited)
  const callers = await load(stand)
  await eventually(
    async () => stand.account.parts.received.all().length,
    (count) => count > 20,
  )
  takeAway(waited)
  expect(
    await eventually(
      () => ready(stand),
      (status) => status === 503,
    ),
  ).toBe(503)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const before = stand.account.parts.received.all().length
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(stand.account.parts.received.all().length).toBe(before)
  bringBack(waited)
  expect(
    await eventually(
      () => ready(stand),
      (status) => status === 200,
    ),
  ).toBe(200)
  await eventually(
    async () => stand.account.parts.received.all().length,
    (count) => count > before + 20,
  )
  await callers.stop()
  await eventually(
    () => lag(stand),
    (seconds) => seconds < 1,
  )
  await expectShippedOnce(stand, waited)

  const lines = await journalOf(stand.dataDir)
  const of = (type: string) => lines.filter((line) => line.type === type)
  const intents = of('call.intent').map((line) => String(line.body['call']))
  const sent = stand.account.parts.received.all().map((call) => call.userAgent.split('call/')[1] ?? '')
  const never = of('call.outcome').filter((line) => line.body['result'] === 'refused')
  expect(sent.filter((call) => !intents.includes(call))).toEqual([])
  // What was written and did not reach the second place is said never to have been sent, and was not.
  expect(sent.filter((call) => never.some((line) => line.body['call'] === call))).toEqual([])
  expect(never.every((line) => line.body['errorCode'] === 'replica')).toBe(true)
  expect(intents.length).toBe(sent.length + never.length)
  expect(of('call.refused').some((line) => line.body['code'] === 'JOURNAL_UNWRITABLE')).toBe(true)
})
