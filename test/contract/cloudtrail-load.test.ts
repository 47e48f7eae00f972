import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readCloudTrail } from '../../src/capture/access/read-cloudtrail.ts'
import { type Archive, openArchive } from '../../src/evidence/archive/archive.ts'
import type { Engine } from '../../src/evidence/store/engine.ts'
import { type CloudTrailLoad, loadCloudTrail } from '../../src/evidence/store/load-cloudtrail.ts'
import { flag, fromColumns, wholeNumber } from '../../src/evidence/store/row.ts'
import { openStore, type Store } from '../../src/evidence/store/store.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { type AccessEvent, accessEventSchema, type IdentitySeen } from '../../src/record/access-event.ts'
import { engineKinds, openTestEngine, type TestEngine } from '../fakes/clickhouse-server.ts'
import { randomEvent } from '../fixtures/cloudtrail/random-event.ts'

const fixtures = join(import.meta.dirname, '../fixtures/cloudtrail')
const zn = z.object({ n: wholeNumber })
const key = Buffer.alloc(32, 7)
const eventRow = fromColumns(
  accessEventSchema.extend({
    bearer: flag,
    isCall: flag,
    readOnly: flag.nullable(),
    rowInFile: wholeNumber,
    batch: wholeNumber,
  }),
)

let directory: string
let opened: TestEngine
let engine: Engine
let store: Store
let archive: Archive
let kept: IdentitySeen[] = []

describe.each(engineKinds)('on the %s engine', (kind) => {
  const wholeFilesBy = kind === 'embedded' ? 'engine' : 'records'
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'triptych-cloudtrail-'))
    opened = await openTestEngine(kind)
    engine = opened.engine
    store = await openStore({ engine, clock: systemClock })
    archive = await openArchive(join(directory, 'archive'))
  })
  afterAll(async () => {
    await opened.close()
    await rm(directory, { recursive: true, force: true })
  })

  test('every genuine sample loads with all its records, and a second time changes nothing', async () => {
    const names = (await readdir(fixtures)).filter((name) => name.endsWith('.json'))
    expect(names.length).toBe(8)
    for (const name of names) {
      const bytes = await readFile(join(fixtures, name))
      const expected = JSON.parse(bytes.toString('utf8')).length
      const loaded = await load(bytes)
      expect({ name, records: loaded.records, rejected: loaded.rejected }).toEqual({
        name,
        records: expected,
        rejected: [],
      })
      const before = await countAll()
      const again = await load(bytes)
      expect([again.already, await countAll()]).toEqual([true, before])
    }
    expect(await countAll()).toBe(69)
  })

  test('the engine and the reader of single records tell the same of the genuine samples', async () => {
    const paths: string[] = []
    for (const name of (await readdir(fixtures)).filter((one) => one.endsWith('.json'))) {
      const bytes = await readFile(join(fixtures, name))
      const { loaded, rows } = await loadAndRead(await withFreshIds(bytes))
      paths.push(loaded.path)
      await expectSameAsReader(rows.bytes, loaded, rows.events)
    }
    // A server does not see the archive of this machine: there every record is read singly.
    if (kind === 'embedded') expect(paths.filter((path) => path === 'engine').length).toBeGreaterThan(3)
  })

  test('the engine and the reader of single records tell the same of 1,000 random records', async () => {
    const seed = 20241117
    const events = fc.sample(randomEvent, { numRuns: 1_500, seed }).filter(isForTheEngine).slice(0, 1_000)
    expect(events.length).toBe(1_000)
    const bytes = gzipSync(JSON.stringify({ Records: events }))
    const { loaded, rows } = await loadAndRead(bytes)
    expect(loaded.path).toBe(wholeFilesBy)
    await expectSameAsReader(bytes, loaded, rows.events)
  })

  test('random records of every kind load, broken ones are listed, and none is lost', async () => {
    const events = fc.sample(randomEvent, { numRuns: 400, seed: 7 })
    const lines = Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'))
    const { loaded, rows } = await loadAndRead(lines)
    expect(loaded.records + loaded.rejected.length).toBe(400)
    await expectSameAsReader(lines, loaded, rows.events)
  })

  test('every form of a file gives the same events', async () => {
    const event = (id: string) => ({
      eventID: `form-${id}`,
      eventTime: '2026-01-02T03:04:05Z',
      eventSource: 'bedrock.amazonaws.com',
    })
    const forms = (id: string): Record<string, string> => ({
      envelope: JSON.stringify({ Records: [event(`${id}1`), event(`${id}2`)] }),
      'envelope, pretty': JSON.stringify({ Records: [event(`${id}1`), event(`${id}2`)] }, null, 2),
      'envelope with more keys': JSON.stringify({
        a: { Records: 1 },
        Records: [event(`${id}1`), event(`${id}2`)],
        z: [']'],
      }),
      list: JSON.stringify([event(`${id}1`), event(`${id}2`)], null, 1),
      lines: `${JSON.stringify(event(`${id}1`))}\n${JSON.stringify(event(`${id}2`))}\n`,
      concatenated: `${JSON.stringify(event(`${id}1`), null, 2)}${JSON.stringify(event(`${id}2`), null, 2)}`,
      'two envelopes': `${JSON.stringify({ Records: [event(`${id}1`)] })}\n${JSON.stringify({ Records: [event(`${id}2`)] })}`,
    })
    for (const [index, name] of Object.keys(forms('')).entries()) {
      for (const zipped of [false, true]) {
        const id = `${index}${zipped ? 'z' : 'p'}`
        const text = Buffer.from(forms(id)[name] ?? '')
        const { loaded, rows } = await loadAndRead(zipped ? gzipSync(text) : text)
        const seen = rows.events.map((row) => [row.eventId, row.rowInFile])
        expect({ name, zipped, seen, rejected: loaded.rejected }).toEqual({
          name,
          zipped,
          seen: [
            [`form-${id}1`, 1],
            [`form-${id}2`, 2],
          ],
          rejected: [],
        })
      }
    }
    const single = await load(Buffer.from(JSON.stringify(event('single'))))
    expect([single.records, single.path]).toEqual([1, wholeFilesBy])
  })

  test('one broken record among a thousand costs itself only', async () => {
    for (const broken of [
      '{"eventID":,}',
      '{"eventID":"x"}',
      '5',
      'null',
      '{"eventID":"a" "b":1}',
      '{"eventID":"never closed"',
    ]) {
      const tag = Buffer.from(broken).toString('hex').slice(0, 12)
      const good = Array.from(
        { length: 1_000 },
        (_, i) => `{"eventID":"good-${tag}-${i}","eventTime":"2026-01-02T03:04:05Z"}`,
      )
      good.splice(500, 0, broken)
      const loaded = await load(gzipSync(`{"Records":[${good.join(',')}]}`))
      const told = loaded.rejected.map((one) => one.position)
      expect({ broken, records: loaded.records, told, path: loaded.path }).toEqual({
        broken,
        records: 1_000,
        told: [501],
        path: 'records',
      })
    }
  })

  test('a truncated gzip gives what was whole and says that it was cut off', async () => {
    const events = Array.from({ length: 2_000 }, (_, i) => ({
      eventID: `cut-${i}-${(i * 7919) % 1009}`,
      eventTime: '2026-01-02T03:04:05Z',
    }))
    const whole = gzipSync(JSON.stringify({ Records: events }))
    const loaded = await load(whole.subarray(0, Math.floor(whole.length / 2)))
    expect(loaded.records).toBeGreaterThan(500)
    expect(loaded.records).toBeLessThan(2_000)
    expect(loaded.rejected).toEqual([
      { position: loaded.records + 1, code: 'truncated_gzip', reason: 'truncated gzip' },
    ])
  })

  test('a file that is not JSON is refused record by record and nothing of it is kept', async () => {
    const before = await countAll()
    const loaded = await load(Buffer.from('<html>secret-canary</html>\nno json at all\n'))
    expect([loaded.records, loaded.rejected.length > 0, await countAll()]).toEqual([0, true, before])
    const rejected = await engine.rows(
      fromColumns(accessEventSchema.pick({ requestId: true }).partial().loose()),
      'SELECT * FROM v_rejected_records',
      {},
      { surface: 'test' },
    )
    expect(JSON.stringify(rejected)).not.toContain('secret-canary')
  })

  test('an event that another file brought before counts as a duplicate and is there once', async () => {
    const event = (n: number) => ({ eventID: `dup-${n}`, eventTime: '2026-03-02T03:04:05Z' })
    const first = await load(Buffer.from(JSON.stringify({ Records: [event(1), event(2)] })))
    const second = await load(Buffer.from(JSON.stringify({ Records: [event(2), event(3), event(3)] })))
    expect([first.duplicates, second.duplicates, second.records]).toEqual([0, 2, 3])
    const count = 'SELECT count() AS n FROM v_access_events WHERE startsWith(event_id, {prefix:String})'
    expect(await number(count, { prefix: 'dup-' })).toBe(3)
  })

  test('no name and no address is in any table, and each is given to be kept', async () => {
    const canary = 'zz-canary-person@example.com'
    const event = {
      eventID: 'canary-1',
      eventTime: '2026-03-02T03:04:05Z',
      sourceIPAddress: '203.0.113.77',
      userAgent: `agent ${canary}`,
      errorMessage: canary,
      requestParameters: { roleSessionName: canary },
      userIdentity: {
        type: 'AssumedRole',
        arn: `arn:aws:sts::111122223333:assumed-role/role/${canary}`,
        principalId: `AROA:${canary}`,
        userName: canary,
        sessionContext: { sourceIdentity: canary, sessionIssuer: { arn: `arn:aws:iam::111122223333:user/${canary}` } },
      },
    }
    kept = []
    await load(Buffer.from(JSON.stringify(event)))
    const row = JSON.stringify(await read('canary-1'))
    expect(row).not.toContain('canary-person')
    expect(row).not.toContain('203.0.113')
    const texts = kept.map(({ text, kind }) => `${kind} ${text}`).sort()
    expect(texts).toEqual([`address 203.0.113.77`, `session ${canary}`, `user ${canary}`])
    if (opened.directory !== undefined) expect(await filesWith(opened.directory, 'zz-canary-person')).toEqual([])
  })

  test('the store says which batch a load was, and never a batch that is under way', async () => {
    const { promise, resolve } = withResolvers()
    const before = await store.lastBatch()
    const slow = store.withBatch(() => promise)
    const next = await store.nextBatch()
    expect(next).toBeGreaterThan(before)
    expect(await store.lastBatch()).toBe(next - 2)
    resolve()
    await slow
    expect(await store.lastBatch()).toBe(next)
  })
})

interface Rows {
  readonly bytes: Buffer
  readonly events: readonly (AccessEvent & { rowInFile: number; batch: number })[]
}

async function load(bytes: Buffer): Promise<CloudTrailLoad> {
  const parts = bytes.toString('hex').length === 0 ? [] : [bytes]
  const file = await archive.put({
    kind: 'cloudtrail',
    name: 'events.json',
    origin: 'test',
    bytes: (async function* () {
      yield* parts
    })(),
    receivedAt: new Date().toISOString(),
  })
  const keepIdentities = async (seen: readonly IdentitySeen[]) => {
    kept.push(...seen)
  }
  const loader = {
    engine,
    store,
    clock: systemClock,
    pseudonymKey: key,
    readRecords: readCloudTrail,
    keepIdentities,
    simulated: false,
    engineFromBytes: 0,
  }
  return loadCloudTrail(loader, file)
}

async function loadAndRead(bytes: Buffer): Promise<{ loaded: CloudTrailLoad; rows: Rows }> {
  const before = await store.lastBatch()
  const loaded = await load(bytes)
  const sql =
    'SELECT * EXCEPT (file_id, revision, loaded_at, simulated) FROM access_events WHERE batch > {before:UInt64} ORDER BY row_in_file'
  return { loaded, rows: { bytes, events: await engine.rows(eventRow, sql, { before }, { surface: 'test' }) } }
}

async function expectSameAsReader(bytes: Buffer, loaded: CloudTrailLoad, events: Rows['events']): Promise<void> {
  const expected: object[] = []
  const identities = new Set<string>()
  const rejected: unknown[] = []
  const source = (async function* () {
    yield bytes
  })()
  for await (const one of readCloudTrail(source, key)) {
    if ('rejected' in one) rejected.push(one.rejected)
    else {
      expected.push({ ...one.event, rowInFile: one.position })
      for (const seen of one.identities) identities.add(JSON.stringify([seen.kind, seen.alias, seen.text]))
    }
  }
  // Rows that merged away are duplicates of one key: compare by key and position.
  const byRow = new Map(expected.map((row) => [JSON.stringify(row), row]))
  const rows = events.map(({ batch: _, ...row }) => row)
  for (const row of rows) {
    const same = expected[row.rowInFile - 1 - rejectedBefore(rejected, row.rowInFile)]
    expect(row).toEqual(same)
  }
  expect(byRow.size).toBeGreaterThan(0)
  expect(rows.length).toBeGreaterThanOrEqual(expected.length - loaded.duplicates)
  expect(loaded.records).toBe(expected.length)
  expect(loaded.rejected).toEqual(rejected)
  const told = new Set(loaded.identitiesSeen.map((seen) => JSON.stringify([seen.kind, seen.alias, seen.text])))
  expect(told).toEqual(identities)
}

function rejectedBefore(rejected: readonly unknown[], position: number): number {
  return rejected.filter(
    (one) => typeof one === 'object' && one !== null && 'position' in one && Number(one.position) < position,
  ).length
}

/** What the engine reads itself: the rest it leaves to the other reader, by design. */
function isForTheEngine(event: Readonly<Record<string, unknown>>): boolean {
  const objects = JSON.stringify(event)
  const listed =
    /"(?:userIdentity|onBehalfOf|sessionContext|sessionIssuer|requestParameters|additionalEventData|tlsDetails|serviceEventDetails|addendum)":\[/
  const id = event['eventID']
  const good = typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id)
  const times = ['2024-10-17T20:11:24Z', '2026-02-28T23:59:59.9Z', '2024-02-29T00:00:00.123456Z']
  return (
    good &&
    times.includes(String(event['eventTime'])) &&
    !listed.test(objects) &&
    !/[\ud800-\udfff]/.test(JSON.stringify(objects).replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, ''))
  )
}

async function withFreshIds(bytes: Buffer): Promise<Buffer> {
  const text = bytes.toString('utf8').replaceAll(/"eventID": "([0-9a-f])/g, '"eventID": "fresh-$1')
  return Buffer.from(text)
}

async function read(eventId: string) {
  return engine.rows(
    eventRow,
    'SELECT * FROM v_access_events WHERE event_id = {eventId:String}',
    { eventId },
    { surface: 'test' },
  )
}

async function number(sql: string, params: Record<string, string>): Promise<number> {
  const rows = await engine.rows(fromColumns(zn), sql, params, { surface: 'test' })
  return rows[0]?.n ?? 0
}

async function countAll(): Promise<number> {
  return number('SELECT count() AS n FROM v_access_events', {})
}

async function filesWith(root: string, marker: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    if ((await readFile(path)).includes(marker)) found.push(path)
  }
  return found
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
