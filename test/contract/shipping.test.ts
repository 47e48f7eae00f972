import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessKeys } from '../../simulator/src/account/estate.ts'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { shipPlaceAt } from '../../src/app/compose/ship-place-at.ts'
import { dataDirAt } from '../../src/app/data-dir.ts'
import { createShippedJournals } from '../../src/app/ingest/shipped-journals.ts'
import { createAwsClients } from '../../src/platform/aws/clients.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { type Journal, openJournal } from '../../src/platform/journal/journal.ts'
import { listSegments } from '../../src/platform/journal/segment-files.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { loadSecretKeys, type SecretKeys } from '../../src/platform/secret-keys.ts'
import { bringBack } from '../../src/platform/shipping/bring-back.ts'
import { openPiece, sealPiece } from '../../src/platform/shipping/envelope.ts'
import { lastPiece, pieceFrom } from '../../src/platform/shipping/last-piece.ts'
import { locate } from '../../src/platform/shipping/locate.ts'
import { recordFolder, type ShippedSource } from '../../src/platform/shipping/read-piece.ts'
import { pieceName, type ShipPlace } from '../../src/platform/shipping/ship-place.ts'
import { type Shipper, startShipping } from '../../src/platform/shipping/shipper.ts'
import { temporaryDir } from '../fakes/stand.ts'

// The same for a directory and for a bucket: what is shipped, found again, brought back, and refused.

const source = 'gateway-gw01'
const root = temporaryDir('shipping')
let account: Account
let keys: SecretKeys
let number = 0

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = accessKeys.gateway.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = accessKeys.gateway.secretAccessKey
  account = await startAccount({ dataDir: join(root, 'simulator'), seed: 1 })
  account.parts.store.makeBucket('second-place')
  keys = await loadSecretKeys(join(root, 'keys'))
})
afterAll(async () => {
  await account.close()
  rmSync(root, { recursive: true, force: true })
})

interface Machine {
  readonly shipped: ShippedSource
  readonly journal: Journal
  readonly shipper: Shipper
  readonly log: string[]
}

async function machineAt(place: ShipPlace, name: string): Promise<Machine> {
  const dirs = dataDirAt(join(root, name))
  const shipped = {
    place,
    source,
    dir: dirs.journalOf(source),
    book: dirs.aliasBookOf(source),
    key: keys('journal-ship'),
  }
  await bringBack(shipped)
  const start = await locate(shipped)
  let shipper: Shipper | undefined
  const journal = await openJournal({
    dir: shipped.dir,
    source,
    clock: systemClock,
    random: randomBytes,
    segmentBytes: 1_200,
    appended: (_type, _body, { seq, at }) => shipper?.noted(seq, at),
  })
  const log: string[] = []
  const logger = createLogger('info', (line) => void log.push(line))
  const { lastSeq } = journal.tail
  shipper = startShipping({ shipped, start, lastSeq, everyMs: 20, clock: systemClock, logger })
  return { shipped, journal, shipper, log }
}

async function stop({ journal, shipper }: Machine): Promise<void> {
  await journal.close()
  await shipper.close()
}

const filesOf = async (dir: string) =>
  (await listSegments(dir)).map(({ firstSeq, path }) => [firstSeq, readFileSync(path, 'utf8')])

function hubAt(place: ShipPlace, name: string) {
  const log: string[] = []
  const dirs = dataDirAt(join(root, name))
  const parts = { dirs, keys, logger: createLogger('info', (line) => void log.push(line)) }
  return { dirs, log, collector: createShippedJournals(parts, place) }
}

async function write({ journal, shipper, shipped }: Machine, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n++) {
    mkdirSync(dirname(shipped.book), { recursive: true })
    if (n % 4 === 0) appendFileSync(shipped.book, `{"alias":"${n}"}\n`)
    const { seq } = await journal.append('a.record', { n })
    if (n % 3 === 0) await shipper.until(seq)
  }
}

const kinds = ['directory', 's3'] as const
const placeOf = (kind: (typeof kinds)[number]) => {
  number += 1
  const endpoints = { s3: account.url, sts: account.url }
  const aws = createAwsClients({ region: 'us-east-1', endpoints }, systemClock)
  return kind === 's3'
    ? shipPlaceAt(aws, { s3: `s3://second-place/${number}` })
    : shipPlaceAt(aws, { directory: join(root, `place-${number}`) })
}

describe.each(kinds)('%s', (kind) => {
  test('a name is taken once, and the last one is found without reading the others', async () => {
    const place = placeOf(kind)
    expect(await place.sources()).toEqual([])
    expect(await lastPiece(place, 'a/records')).toBeUndefined()
    expect(await place.read('a/records', pieceName(1))).toBeUndefined()
    const firsts = [1, 2, 3, 7, 8, 40, 41, 1_000, 70_000]
    for (const first of firsts) {
      expect(await place.create('a/records', pieceName(first), Buffer.from(String(first)))).toBe(true)
      expect(await place.create('a/records', pieceName(first), Buffer.from('other'))).toBe(false)
      expect(await lastPiece(place, 'a/records')).toBe(first)
      expect(await lastPiece(place, 'a/records', first)).toBe(first)
      expect(await lastPiece(place, 'a/records', first + 1)).toBe(first)
    }
    await place.create('b/identities', pieceName(0), Buffer.from('x'))
    await place.create('b/records', 'README', Buffer.from('x'))
    expect(String(await place.read('a/records', pieceName(40)))).toBe('40')
    expect(await pieceFrom(place, 'a/records', 9)).toBe(40)
    expect(await pieceFrom(place, 'b/records', 0)).toBeUndefined()
    expect(await place.sources()).toEqual(['a', 'b'])
  })

  test('a hub rebuilds journal and alias book byte for byte, while they grow, and again takes nothing twice', async () => {
    const place = placeOf(kind)
    const machine = await machineAt(place, `grow-${kind}`)
    const hub = hubAt(place, `grow-hub-${kind}`)
    for (let round = 0; round < 4; round++) {
      await write(machine, round * 13, 13)
      await hub.collector.collect()
    }
    await stop(machine)
    expect(machine.shipper.lagSeconds()).toBe(0)
    await hub.collector.collect()
    expect(await filesOf(hub.dirs.journalOf(source))).toEqual(await filesOf(machine.shipped.dir))
    expect(readFileSync(hub.dirs.aliasBookOf(source))).toEqual(readFileSync(machine.shipped.book))
    expect(await hub.collector.collect()).toMatchObject({ files: 0, whole: true })
    expect(hub.collector.state()).toMatchObject({ failed: 0, lastError: '' })
  })

  test('a machine with nothing, or with less than the place, gets the end back and goes on there', async () => {
    const place = placeOf(kind)
    const first = await machineAt(place, `one-${kind}`)
    await write(first, 0, 20)
    await stop(first)
    const second = await machineAt(place, `two-${kind}`)
    expect(second.journal.tail.lastSeq).toBe((await lastOf(first.shipped.dir)) ?? 0)
    expect(readFileSync(second.shipped.book)).toEqual(readFileSync(first.shipped.book))
    await write(second, 20, 20)
    await stop(second)
    // The first one comes back with what it had.
    const third = await machineAt(place, `one-${kind}`)
    await write(third, 40, 5)
    await stop(third)
    const hub = hubAt(place, `two-hub-${kind}`)
    await hub.collector.collect()
    expect(await filesOf(hub.dirs.journalOf(source))).toEqual(await filesOf(third.shipped.dir))
    expect(readFileSync(hub.dirs.aliasBookOf(source))).toEqual(readFileSync(third.shipped.book))
  })

  test('of two gateways of one name only one goes on: the other is told, and its records wait for good', async () => {
    const place = placeOf(kind)
    const one = await machineAt(place, `fork-one-${kind}`)
    await write(one, 0, 4)
    await one.shipper.until((await one.journal.append('a.record', {})).seq)
    const other = await machineAt(place, `fork-two-${kind}`)
    await other.shipper.until((await other.journal.append('a.record', { by: 'other' })).seq)
    const late = await one.journal.append('a.record', { by: 'one' })
    await expect(one.shipper.until(late.seq)).rejects.toMatchObject({ code: 'JOURNAL_UNWRITABLE' })
    expect(one.shipper.ready()).toBe(false)
    expect(one.log.some((line) => line.includes('JOURNAL_FORKED'))).toBe(true)
    await other.shipper.until((await other.journal.append('a.record', { by: 'other' })).seq)
    await stop(one)
    await stop(other)
    await expect(machineAt(place, `fork-one-${kind}`)).rejects.toMatchObject({ code: 'JOURNAL_FORKED' })
    const hub = hubAt(place, `fork-hub-${kind}`)
    expect(await hub.collector.collect()).toMatchObject({ whole: true })
  })
})

async function lastOf(dir: string): Promise<number | undefined> {
  const files = await filesOf(dir)
  const lines = String(files.at(-1)?.[1] ?? '')
    .trimEnd()
    .split('\n')
  return Number(JSON.parse(lines.at(-1) ?? '{}').seq)
}

test('altered, foreign and missing pieces are refused, counted once, shown, and what was there stays; a good one goes on', async () => {
  const place = placeOf('directory')
  const machine = await machineAt(place, 'harm')
  for (let round = 0; round < 5; round++) {
    await machine.shipper.until((await machine.journal.append('a.record', { round })).seq)
  }
  await stop(machine)
  const folder = join(place.origin, recordFolder(source))
  const hub = hubAt(place, 'harm-hub')
  const firsts = []
  for (let first = await pieceFrom(place, recordFolder(source), 1); first !== undefined; ) {
    firsts.push(first)
    first = await pieceFrom(place, recordFolder(source), first + 1)
  }
  const third = join(folder, pieceName(firsts[2] ?? 0))
  const good = readFileSync(third)
  const turns: readonly (readonly [Buffer | undefined, string, number])[] = [
    [Buffer.from(good.toString().replace('"round"', '"rounD"')), 'mac', 1],
    [good.subarray(0, good.length - 20), 'mac', 1],
    [Buffer.from('nothing of ours'), 'head', 2],
    [readFileSync(join(folder, pieceName(firsts[1] ?? 0))), 'name', 3],
    [undefined, 'gap', 4],
  ]
  let before: unknown
  for (const [bytes, reason, failed] of turns) {
    if (bytes === undefined) rmSync(third)
    else writeFileSync(third, bytes)
    expect(await hub.collector.collect(), reason).toMatchObject({ whole: false })
    await hub.collector.collect()
    expect(hub.collector.state(), reason).toMatchObject({ failed, lastError: 'JOURNAL_PIECE_REFUSED' })
    expect(hub.log.filter((line) => line.includes(`"reason":"${reason}"`)).length).toBeGreaterThan(0)
    const files = await filesOf(hub.dirs.journalOf(source))
    if (before !== undefined) expect(files).toEqual(before)
    before = files
  }
  writeFileSync(third, good)
  expect(await hub.collector.collect()).toMatchObject({ whole: true })
  expect(hub.collector.state()).toMatchObject({ lastError: '' })
  expect(await filesOf(hub.dirs.journalOf(source))).toEqual(await filesOf(machine.shipped.dir))
})

test('a piece for a journal that is not a gateway’s, the hub’s own above all, is not even looked at', async () => {
  const place = placeOf('directory')
  const body = Buffer.from('x\n')
  const piece = { kind: 'records', source: 'hub', segment: 1, first: 1, last: 1, body } as const
  await place.create('hub/records', pieceName(1), sealPiece(keys('journal-ship'), piece))
  const hub = hubAt(place, 'own-hub')
  expect(await hub.collector.collect()).toMatchObject({ files: 0, whole: true })
  expect(await listSegments(hub.dirs.journalOf('hub'))).toEqual([])
  expect(openPiece(keys('call-id'), sealPiece(keys('journal-ship'), piece))).toBe('mac')
})
