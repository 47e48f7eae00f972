import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Archive, openArchive } from '../../src/evidence/archive/archive.ts'
import { safeName } from '../../src/evidence/archive/archive-paths.ts'
import { statementsOf } from '../../src/evidence/store/migrate.ts'

let root: string
let archive: Archive
const receivedAt = '2026-02-03T04:05:06.000Z'

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'triptych-archive-'))
  archive = await openArchive(root)
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

test('a file is kept byte for byte, read-only, under its day and hash, with its provenance beside it', async () => {
  const metadata = { signature: 'abc' }
  const kept = await archive.put({ ...incoming('hello'), metadata })
  expect(kept.fileId).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824')
  expect(kept.path).toBe(join(root, 'cloudtrail/2026/02/03/2cf24dba5fb0a30e-events.json.gz'))
  expect([kept.already, kept.bytes, await readFile(kept.path, 'utf8')]).toEqual([false, 5, 'hello'])
  expect((await stat(kept.path)).mode & 0o777).toBe(0o400)
  const provenance = JSON.parse(await readFile(`${kept.path}.provenance.json`, 'utf8'))
  expect(provenance).toMatchObject({ sha256: kept.fileId, bytes: 5, origin: 's3://bucket', receivedAt, metadata })
})

test('the same bytes twice are kept once, also by another process and on another day', async () => {
  const first = await archive.put(incoming('hello'))
  const again = await (await openArchive(root)).put({
    ...incoming('hello'),
    name: 'other',
    receivedAt: '2026-03-03T00:00:00Z',
  })
  expect([again.already, again.path]).toEqual([true, first.path])
  expect(await everyFile()).toHaveLength(2)
})

test('what is in the archive is listed, opened and found whole', async () => {
  const first = await archive.put(incoming('hello'))
  const second = await archive.put(incoming('world'))
  const listed: string[] = []
  for await (const file of archive.list('cloudtrail')) listed.push(file.fileId)
  expect(listed.sort()).toEqual([first.fileId, second.fileId].sort())
  const parts: Buffer[] = []
  for await (const part of await archive.open(second.fileId)) parts.push(part)
  expect(Buffer.concat(parts).toString()).toBe('world')
  await expect(archive.open('0'.repeat(64))).rejects.toThrow('RESOURCE_NOT_FOUND')
  expect(await archive.check()).toEqual({ files: 2, bytes: 10, faults: [] })
})

test('a check names every file that was altered, removed, added or stripped of its provenance', async () => {
  const files = []
  for (const text of ['one', 'two', 'three', 'four']) files.push(await archive.put(incoming(text)))
  const [altered, removed, stripped] = files.map((file) => file.path)
  await chmod(altered ?? '', 0o600)
  await writeFile(altered ?? '', 'uno')
  await rm(removed ?? '')
  await rm(`${stripped}.provenance.json`)
  await writeFile(join(root, 'cloudtrail/2026/02/03/stray'), 'x')
  let seen = 0
  const { files: checked, faults } = await archive.check((done) => {
    seen = done
  })
  expect([checked, seen]).toEqual([5, 5])
  const named = faults.map(({ path, fault }) => `${fault} ${path.slice(path.lastIndexOf('/') + 1)}`).sort()
  const name = (path: string | undefined) => path?.slice(path.lastIndexOf('/') + 1)
  expect(named).toEqual(
    [
      `altered ${name(altered)}`,
      `missing ${name(removed)}`,
      `no_provenance ${name(stripped)}`,
      'no_provenance stray',
    ].sort(),
  )
})

test('a crash between file and provenance is made good by the next delivery', async () => {
  const kept = await archive.put(incoming('hello'))
  await rm(`${kept.path}.provenance.json`)
  const again = await (await openArchive(root)).put(incoming('hello'))
  expect([again.already, again.path]).toEqual([false, kept.path])
  expect((await archive.check()).faults).toEqual([])
})

test('made good on another day, the file stands where its provenance says, and only there', async () => {
  const kept = await archive.put(incoming('hello'))
  await rm(`${kept.path}.provenance.json`)
  const reopened = await openArchive(root)
  const again = await reopened.put({ ...incoming('hello'), receivedAt: '2026-03-03T00:00:00.000Z' })
  expect(again.path).toContain('/cloudtrail/2026/03/03/')
  expect([await everyFile(), await reopened.count('cloudtrail')]).toEqual([expect.objectContaining({ length: 2 }), 1])
  expect((await reopened.check()).faults).toEqual([])
})

test('what a killed process left half-written is gone after the next start', async () => {
  await writeFile(join(root, '.incoming-1-abc'), 'half')
  await openArchive(root)
  expect(await everyFile()).toEqual([])
})

test('a source that breaks off leaves nothing behind', async () => {
  async function* broken() {
    yield Buffer.from('half')
    throw new TypeError('the connection broke')
  }
  await expect(archive.put({ ...incoming(''), bytes: broken() })).rejects.toThrow('DATA_DIR_UNWRITABLE')
  expect(await everyFile()).toEqual([])
})

test('a name is one harmless path segment, whatever it was', () => {
  expect(safeName('../../etc/passwd')).toBe('passwd')
  expect(safeName('a*{b,c}?.json')).toBe('a__b_c__.json')
  expect(safeName('..')).toBe('file')
  expect(safeName('')).toBe('file')
  expect(safeName('x'.repeat(500))).toHaveLength(120)
})

test('a migration is split at the semicolons that end lines, and nowhere else', () => {
  const text =
    "-- a; comment\nCREATE TABLE a (x String DEFAULT ';');\n\n  -- more;\nINSERT INTO a\nVALUES (1);  \nSELECT 1"
  expect(statementsOf(text)).toEqual(["CREATE TABLE a (x String DEFAULT ';')", 'INSERT INTO a\nVALUES (1)', 'SELECT 1'])
})

function incoming(text: string) {
  return {
    kind: 'cloudtrail' as const,
    name: 'some/events.json.gz',
    origin: 's3://bucket',
    bytes: bytesOf(text),
    receivedAt,
  }
}

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  for (const character of text) yield Buffer.from(character)
}

async function everyFile(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}
