import { execFileSync, spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ledger, openLedger } from '../../src/evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../src/evidence/ledger/ledger-key.ts'
import { formatTlogProof } from '../../src/evidence/ledger/tlog-proof.ts'
import { temporaryDir } from '../fakes/stand.ts'

// A reader that is not ours: Go's own transparency log library goes over our logs and receipts.

const usualPlace = '/usr/local/go/bin'
const path = `${process.env['PATH'] ?? ''}${delimiter}${usualPlace}`
const go = path.split(delimiter).some((dir) => existsSync(join(dir, 'go')))
if (!go) console.warn('no go on the PATH: the outside reader of ledgers was not run')

const dir = temporaryDir('oracle')
const oracle = join(dir, 'tlog')
let ledger: Ledger
let vkey = ''
const log = join(dir, 'ledger')
const kept = join(dir, 'kept')

// A gate that skips is green for nothing.
test.runIf(process.env['CI'])('Go is there where CI runs', () => expect(go).toBe(true))

beforeAll(async () => {
  if (!go) return
  execFileSync('go', ['build', '-o', oracle, '.'], {
    cwd: join(import.meta.dirname, 'tlog'),
    env: { ...process.env, PATH: path },
  })
  mkdirSync(kept)
  ledger = await openLedger(log, await loadLedgerKey(join(dir, 'key'), 'example.com/audit'))
  vkey = ledger.verifier.text
  keep()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const textOf = (seq: number) => `{"record":${seq}}`
const keep = () => writeFileSync(join(kept, String(ledger.latest().size)), ledger.latest().note)
const ask = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(oracle, args, { encoding: 'utf8' })
  return { status, said: stdout + stderr }
}
const askAll = () => ask('check', log, vkey, ...readdirSync(kept).map((name) => join(kept, name)))

test.skipIf(!go)(
  'every checkpoint of a log up to 70,000 entries is confirmed, with its tiles, and continues all before',
  async () => {
    let seq = 0
    for (const size of [1, 2, 255, 256, 257, 511, 700, 1024, 65_535, 65_536, 65_537, 70_000]) {
      const batch = []
      while (seq < size) {
        seq += 1
        batch.push({ source: 'gateway-gw01', seq, type: 'call.intent', commit: hash('sha256', textOf(seq)) })
      }
      await ledger.append(batch)
      keep()
      if (size <= 1024) expect(askAll()).toMatchObject({ status: 0, said: expect.stringContaining(`${size} entries`) })
    }
    expect(askAll()).toEqual({ status: 0, said: '13 checkpoints, 70000 entries\n' })
  },
)

test.skipIf(!go)('receipts are confirmed, and refused when their record or place is another', async () => {
  for (const seq of [1, 256, 257, 65_536, 65_537, 70_000]) {
    const { index, entry, proof, checkpoint } = await ledger.prove(seq - 1)
    const receipt = (record: string, at: number) => {
      const file = join(dir, 'receipt.tlog-proof')
      const extra = Buffer.from(JSON.stringify({ entry, record }))
      writeFileSync(file, formatTlogProof({ extra, index: at, proof, checkpoint: checkpoint.note }))
      return ask('receipt', vkey, file).status
    }
    expect([
      receipt(textOf(seq), index),
      receipt(textOf(seq + 1), index),
      receipt(textOf(seq), index === 0 ? 1 : index - 1),
    ]).toEqual([0, 1, 1])
  }
})

test.skipIf(!go)('what we find altered it finds altered too', () => {
  const tile = join(log, 'tile/entries/000')
  const before = readFileSync(tile)
  const turned = Buffer.from(before)
  turned[20] = (turned[20] ?? 0) ^ 1
  writeFileSync(tile, turned)
  expect(askAll()).toMatchObject({ status: 1, said: expect.stringContaining('signed was') })
  writeFileSync(tile, before)
  expect(askAll().status).toBe(0)
})
