import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { SequenceAudit } from '../../src/evidence/ledger/audit-sequences.ts'
import { auditTree } from '../../src/evidence/ledger/audit-tree.ts'
import { openCheckpoint } from '../../src/evidence/ledger/checkpoint.ts'
import { parseEntry } from '../../src/evidence/ledger/entry.ts'
import { openLedger } from '../../src/evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../src/evidence/ledger/ledger-key.ts'
import { tilesIn } from '../../src/evidence/ledger/tile-files.ts'
import { temporaryDir } from '../fakes/stand.ts'

// kill -9 in the middle of appends, again and again: whoever kept any checkpoint must never be shown to be wrong.

const rounds = 50
const dir = temporaryDir('kill-ledger')
const log = join(dir, 'ledger')
const script = join(import.meta.dirname, 'append-until-killed.ts')
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Lets a writer append for a while; the checkpoints that it said. */
async function appendAndKill(round: number): Promise<readonly string[]> {
  const writer = spawn(process.execPath, ['--import', 'tsx', script, dir, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  await new Promise<void>((resolve) => {
    writer.stdout.on('data', (chunk: Buffer) => {
      if (said === '') setTimeout(() => writer.kill('SIGKILL'), (round * 53) % 170)
      said += chunk.toString('latin1')
    })
    writer.once('close', () => resolve())
  })
  // The last line may be cut off.
  return said
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(line, 'base64').toString('utf8'))
}

test(`after ${rounds} kills the log opens, verifies and continues every checkpoint that was ever seen`, async () => {
  const notes: string[] = []
  let before = 0
  for (let round = 0; round < rounds; round++) {
    notes.push(...(await appendAndKill(round)))
    const key = await loadLedgerKey(join(dir, 'ledger.key'), undefined)
    // As it lies there, before anybody opens it again.
    const checkpoint = openCheckpoint(readFileSync(join(log, 'checkpoint'), 'utf8'), key.verifier)
    const kept = [...new Set(notes)].map((note) => openCheckpoint(note, key.verifier))
    const sequences = new SequenceAudit()
    const onEntries = (first: number, entries: readonly Buffer[]) => {
      for (const [i, bytes] of entries.entries()) {
        const entry = parseEntry(bytes.toString('latin1'))
        if (entry !== undefined) sequences.add(first + i, entry)
      }
    }
    expect(await auditTree({ tiles: tilesIn(log), checkpoint, kept, onEntries })).toEqual([])
    expect(sequences.faults()).toEqual([])
    expect(sequences.lastSeq('gateway-gw01')).toBe(checkpoint.size)
    expect(checkpoint.size).toBeGreaterThanOrEqual(before)
    before = checkpoint.size
    const ledger = await openLedger(log, key)
    expect(ledger.latest().note).toBe(checkpoint.note)
    expect(ledger.lastSeq('gateway-gw01')).toBe(checkpoint.size)
  }
  const sizes = new Map<string, string>()
  for (const note of notes) {
    const size = note.split('\n')[1] ?? ''
    expect(sizes.get(size) ?? note).toBe(note)
    sizes.set(size, note)
  }
  expect(sizes.size).toBeGreaterThan(rounds)
})
