import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openArchive } from '../../evidence/archive/archive.ts'
import { ArchiveJoin } from './join-archive.ts'

test('a file is only what its entry says when the entry names its kind', async () => {
  const root = join(mkdtempSync(join(tmpdir(), 'triptych-join-')), 'archive')
  const archive = await openArchive(root)
  const receivedAt = '2026-02-03T04:05:06.000Z'
  const { path } = await archive.put({
    kind: 'cloudtrail',
    name: 'events.json.gz',
    origin: 's3://bucket',
    bytes: join(import.meta.dirname, 'join-archive.ts'),
    receivedAt,
  })
  const commit = hash('sha256', readFileSync(`${path}.provenance.json`))
  const check = async (type: string) =>
    (await ArchiveJoin.open(root)).check(0, { source: 'archive', seq: 1, type, commit })
  expect(await check('file.cloudtrail')).toEqual([])
  expect(await check('file.invocations')).toMatchObject([{ kind: 'altered', index: 0 }])
  rmSync(join(root, '..'), { recursive: true })
})
