import { hash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyDirectory } from '../../src/app/verify/verify-directory.ts'
import { type Ledger, type LedgerRecord, openLedger } from '../../src/evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../src/evidence/ledger/ledger-key.ts'
import { segmentPath } from '../../src/platform/journal/segment-files.ts'
import { temporaryDir } from '../fakes/stand.ts'
import { percentile } from './machine.ts'

const batchLength = 5_000
const proofs = 500
const source = 'gateway-gw01'

/** A log of a million entries: appended with a checkpoint per batch, opened, verified, proven from; beside it a plain hash chain in a file. */
export async function benchLedger(entries = 1_000_000): Promise<Record<string, number>> {
  const dir = temporaryDir('bench-ledger')
  try {
    const batches = writeJournal(join(dir, 'journal', source), entries)
    const key = await loadLedgerKey(join(dir, 'key'), 'example.com/bench')
    const log = join(dir, 'ledger')
    const ledger = await openLedger(log, key)
    const appendSeconds = await timed(async () => {
      for (const batch of batches) await ledger.append(batch)
    })
    await ledger.close()
    let reopened: Ledger | undefined
    const openSeconds = await timed(async () => {
      reopened = await openLedger(log, key)
    })
    const proofMs = reopened === undefined ? [] : await timeProofs(reopened, entries)
    await rm(join(log, 'positions.json'))
    const openColdSeconds = await timed(async () => void (await openLedger(log, key)))
    const verifySeconds = await timed(async () => {
      const { faults, size } = await verifyDirectory({
        place: { log },
        key: key.verifier,
        kept: [],
        onProgress: () => undefined,
      })
      if (faults.length > 0 || size !== entries) throw new RangeError('the log does not verify')
    })
    const withRecordsSeconds = await timed(async () => {
      const { faults } = await verifyDirectory({
        place: { data: dir },
        key: key.verifier,
        kept: [],
        onProgress: () => undefined,
      })
      if (faults.length > 0) throw new RangeError('the records do not verify')
    })
    const smallMs = await timeSmallAppends(join(dir, 'small'), key, batches[0] ?? [])
    const chainSeconds = await timed(() => chain(join(dir, 'chain.jsonl'), batches))
    return {
      entries,
      'append, entries per second': Math.round(entries / appendSeconds),
      'append of 10 entries with its checkpoint, median (ms)': round(percentile(smallMs, 0.5)),
      'open (ms)': round(openSeconds * 1000),
      'open without the snapshot (ms)': round(openColdSeconds * 1000),
      'verify the log (s)': round(verifySeconds),
      'verify log and records (s)': round(withRecordsSeconds),
      'find and prove one record, median (ms)': round(percentile(proofMs, 0.5)),
      'find and prove one record, p99 (ms)': round(percentile(proofMs, 0.99)),
      'plain hash chain in a file, entries per second': Math.round(entries / chainSeconds),
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** A journal of so many records of usual size on disk, as batches to commit to. */
function writeJournal(dir: string, entries: number): readonly (readonly LedgerRecord[])[] {
  mkdirSync(dir, { recursive: true })
  const batches: LedgerRecord[][] = []
  let prev = '0'.repeat(64)
  for (let first = 1; first <= entries; first += batchLength) {
    const batch: LedgerRecord[] = []
    let text = ''
    for (let seq = first; seq < Math.min(first + batchLength, entries + 1); seq++) {
      const line = lineOf(seq, prev)
      prev = hash('sha256', line)
      text += `${line}\n`
      batch.push({ source, seq, type: 'call.intent', commit: prev })
    }
    writeFileSync(segmentPath(dir, first), text)
    batches.push(batch)
  }
  return batches
}

function lineOf(seq: number, prev: string): string {
  const body = { call: 'c'.repeat(26), alias: 'a'.repeat(26), model: 'm'.repeat(40), rest: 'r'.repeat(150) }
  const at = '2026-11-24T12:00:00.000Z'
  return JSON.stringify({ v: 1, source, seq, at, rand: '0'.repeat(32), type: 'call.intent', prev, body })
}

async function timeProofs(ledger: Ledger, entries: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let i = 0; i < proofs; i++) {
    const seq = 1 + ((i * 7_919) % entries)
    const started = performance.now()
    const index = await ledger.find(source, seq)
    await ledger.prove(index ?? -1)
    times.push(performance.now() - started)
  }
  return times
}

async function timeSmallAppends(
  dir: string,
  key: Parameters<typeof openLedger>[1],
  records: readonly LedgerRecord[],
): Promise<readonly number[]> {
  const ledger = await openLedger(dir, key)
  const times: number[] = []
  for (let first = 0; first < 2_000; first += 10) {
    const started = performance.now()
    await ledger.append(records.slice(first, first + 10))
    times.push(performance.now() - started)
  }
  return times
}

/** What one would write without a tree: each line names the hash of the one before, a sync per batch. Proves nothing in part, and signs nothing. */
async function chain(path: string, batches: readonly (readonly LedgerRecord[])[]): Promise<void> {
  const file = await open(path, 'w')
  let prev = ''
  for (const batch of batches) {
    let text = ''
    for (const record of batch) {
      const line = JSON.stringify({ ...record, prev })
      prev = hash('sha256', line)
      text += `${line}\n`
    }
    await file.write(text)
    await file.datasync()
  }
  await file.close()
}

async function timed(task: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await task()
  return (performance.now() - started) / 1000
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
