import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { readCloudTrail } from '../../src/capture/access/read-cloudtrail.ts'
import { type ArchivedFile, openArchive } from '../../src/evidence/archive/archive.ts'
import type { Engine } from '../../src/evidence/store/engine.ts'
import { openEmbeddedEngine } from '../../src/evidence/store/engines/embedded.ts'
import { type CloudTrailLoaderParts, loadCloudTrail } from '../../src/evidence/store/load-cloudtrail.ts'
import { loadManyCloudTrail } from '../../src/evidence/store/load-many.ts'
import { openStore } from '../../src/evidence/store/store.ts'
import { systemClock } from '../../src/platform/clock.ts'

// Many files at once are what they are one by one: the same rows, the same counts, the same refusals.

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'triptych-batch-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const event = (n: number, more: object = {}) => ({
  eventVersion: '1.11',
  userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::111122223333:user/person${n % 5}`, accountId: '111122223333' },
  eventTime: new Date(Date.UTC(2026, 10, 23) + n * 1000).toISOString().replace('.000', ''),
  eventSource: 'bedrock.amazonaws.com',
  eventName: n % 3 === 0 ? 'Converse' : 'InvokeModel',
  awsRegion: 'us-east-1',
  sourceIPAddress: `203.0.113.${n % 9}`,
  userAgent: 'test',
  requestParameters: { modelId: 'anthropic.claude-opus-4-6-v1' },
  requestID: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  eventID: `10000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  eventType: 'AwsApiCall',
  recipientAccountId: '111122223333',
  eventCategory: 'Management',
  ...more,
})
const zipped = (records: readonly object[]) => gzipSync(JSON.stringify({ Records: records }))
const span = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => event(from + i))

const contents: readonly Buffer[] = [
  zipped(span(0, 40)),
  // Ten of another file's events again, and one twice in itself.
  zipped([...span(30, 60), event(59)]),
  zipped([]),
  gzipSync(JSON.stringify(span(60, 70))),
  zipped(span(70, 90)).subarray(0, 200),
  // Its request parameters are kept: the engine may not judge it.
  zipped([...span(90, 95), event(95, { eventSource: 'cloudtrail.amazonaws.com', eventName: 'StopLogging' })]),
  gzipSync('{"Records":[{"eventID":1}, {"eventTime":"never"}]}'),
  gzipSync(`${JSON.stringify({ Records: span(100, 103) })}\n${JSON.stringify({ Records: span(103, 106) })}`),
  zipped(span(106, 140)),
]

async function opened(name: string) {
  const engine = await openEmbeddedEngine(join(dir, name))
  const store = await openStore({ engine, clock: systemClock })
  const identities = new Set<string>()
  const parts: CloudTrailLoaderParts = {
    engine,
    store,
    pseudonymKey: Buffer.alloc(32, 7),
    readRecords: readCloudTrail,
    keepIdentities: async (seen) => {
      for (const { alias, text } of seen) identities.add(`${alias} ${text}`)
    },
    simulated: false,
  }
  return { engine, parts, identities }
}

async function archived(): Promise<readonly ArchivedFile[]> {
  const archive = await openArchive(join(dir, 'archive'))
  const files: ArchivedFile[] = []
  for (const bytes of contents)
    files.push(
      await archive.put({
        kind: 'cloudtrail',
        name: 'events.json.gz',
        origin: 'test',
        bytes: (async function* () {
          yield bytes
        })(),
        receivedAt: '2026-11-24T10:00:00.000Z',
      }),
    )
  return files
}

async function everything(engine: Engine) {
  const rows = (sql: string) => engine.rows(z.record(z.string(), z.unknown()), sql, {}, { surface: 'test' })
  return {
    events: await rows('SELECT * EXCEPT (batch) FROM v_access_events ORDER BY ts, event_id, file_id'),
    files: await rows('SELECT file_id, records, duplicates, rejected FROM v_source_files ORDER BY file_id'),
    rejected: await rows('SELECT file_id, position, code FROM v_rejected_records ORDER BY file_id, position'),
  }
}

test('files that are loaded together are in the store as files that are loaded one by one', async () => {
  const files = await archived()
  const one = await opened('one')
  const single = new Map<string, unknown>()
  for (const file of files) {
    const { path: _path, identitiesSeen: _seen, ...load } = await loadCloudTrail(one.parts, file)
    single.set(file.fileId, load)
  }
  const expected = await everything(one.engine)
  await one.engine.close()
  const many = await opened('many')
  const together = await loadManyCloudTrail(many.parts, files)
  expect([...together.values()].filter(({ path }) => path === 'engine').length).toBeGreaterThanOrEqual(2)
  for (const [fileId, { path: _path, identitiesSeen: _seen, ...load }] of together)
    expect(load).toEqual(single.get(fileId))
  expect(await everything(many.engine)).toEqual(expected)
  expect(many.identities).toEqual(one.identities)
  await many.engine.close()
})

test('the same files again, and a file that is among them twice, change nothing', async () => {
  const files = await archived()
  const { engine, parts } = await opened('again')
  const first = await loadManyCloudTrail(parts, [...files, ...files])
  const before = await everything(engine)
  const again = await loadManyCloudTrail(parts, files)
  expect([...again.values()].every(({ already }) => already)).toBe(true)
  for (const [id, { records }] of again) expect(records).toBe(first.get(id)?.records)
  expect(await everything(engine)).toEqual(before)
  await engine.close()
})
