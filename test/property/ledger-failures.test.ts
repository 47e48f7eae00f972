import { hash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { auditTree } from '../../src/evidence/ledger/audit-tree.ts'
import { openCheckpoint } from '../../src/evidence/ledger/checkpoint.ts'
import { openLedger } from '../../src/evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../src/evidence/ledger/ledger-key.ts'
import { tilesIn } from '../../src/evidence/ledger/tile-files.ts'
import { temporaryDir } from '../fakes/stand.ts'

// A disk that fails cannot be had, so the one step that matters fails here on demand.
const disk = vi.hoisted(() => ({ fails: '' }))
vi.mock('../../src/platform/files.ts', async (original) => {
  const real = await original<typeof import('../../src/platform/files.ts')>()
  return {
    ...real,
    async writeFileAtomic(path: string, bytes: string, mode?: number) {
      if (disk.fails === 'before the rename') throw new RangeError('EIO')
      await real.writeFileAtomic(path, bytes, mode)
      if (disk.fails === 'after the rename') throw new RangeError('EIO')
    },
  }
})

const root = temporaryDir('ledger-failures')
afterAll(() => rmSync(root, { recursive: true, force: true }))

const recordOf = (seq: number, text = '') => ({
  source: 'gateway-gw01',
  seq,
  type: 'call.intent',
  commit: hash('sha256', `record ${seq}${text}`),
})

test.each([
  ['after the rename', 3],
  ['before the rename', 2],
])('an append whose checkpoint fails %s never leads to two trees of one size', async (fails, size) => {
  const log = join(root, fails.split(' ')[0] ?? '', 'ledger')
  const key = await loadLedgerKey(join(root, `key-${size}`), undefined)
  const ledger = await openLedger(log, key)
  await ledger.append([recordOf(1), recordOf(2)])
  disk.fails = fails
  await expect(ledger.append([recordOf(3)])).rejects.toThrow('DATA_DIR_UNWRITABLE')
  disk.fails = ''
  // What anybody could have read meanwhile, and kept.
  const note = readFileSync(join(log, 'checkpoint'), 'utf8')
  const seen = openCheckpoint(note, key.verifier)
  expect(seen.size).toBe(size)
  // Something else comes first now, as after a journal cut back its last write.
  const file = { source: 'archive', type: 'file.cloudtrail', commit: hash('sha256', 'file') }
  const { checkpoint } = await ledger.append([file, recordOf(3)])
  expect(checkpoint.size).toBe(4)
  expect(await auditTree({ tiles: tilesIn(log), checkpoint, kept: [seen], onEntries: () => undefined })).toEqual([])
  expect(ledger.lastSeq('gateway-gw01')).toBe(3)
})

test('what a crash left of files that were never put in place is gone after the next opening, and nothing else', async () => {
  const log = join(root, 'leftovers', 'ledger')
  const key = await loadLedgerKey(join(root, 'key-leftovers'), undefined)
  await (await openLedger(log, key)).append([recordOf(1)])
  for (const name of ['checkpoint.12.345.tmp', 'positions.json.12.345.tmp', 'published.json.12.345.tmp', 'notes.tmp'])
    writeFileSync(join(log, name), 'half')
  await openLedger(log, key)
  expect(readdirSync(log).sort()).toEqual(['checkpoint', 'log.vkey', 'notes.tmp', 'tile'])
})
