import { hash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyDirectory } from '../../src/app/verify/verify-directory.ts'
import { type Ledger, type LedgerRecord, openLedger } from '../../src/evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../src/evidence/ledger/ledger-key.ts'
import { temporaryDir } from '../fakes/stand.ts'
import { percentile } from './machine.ts'

const batchLength = 5_000
const proofs = 500

/** A log of a million entries: appended with a checkpoint per batch, opened, verified, proven from; beside it a plain hash chain in a file. */
export async function benchLedger(entries = 1_000_000): Promise<Record<string, number>> {
  const dir = temporaryDir('bench-ledger')
  try {
    const batches = batchesOf(entries)
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
        place: { dir: log },
        key: key.verifier,
        kept: [],
        onProgress: () => undefined,
      })
      if (faults.length > 0 || size !== entries) throw new RangeError('the log does not verify')
    })
    const smallMs = await timeSmallAppends(join(dir, 'small'), key)
    const chainSeconds = await timed(() => chain(join(dir, 'chain.jsonl'), batches))
    return {
      entries,
      'append, entries per second': Math.round(entries / appendSeconds),
      'append of 10 entries with its checkpoint, median (ms)': round(percentile(smallMs, 0.5)),
      'open (ms)': round(openSeconds * 1000),
      'open without the snapshot (ms)': round(openColdSeconds * 1000),
      'verify (s)': round(verifySeconds),
      'find and prove one record, median (ms)': round(percentile(proofMs, 0.5)),
      'find and prove one record, p99 (ms)': round(percentile(proofMs, 0.99)),
      'plain hash chain in a file, entries per second': Math.round(entries / chainSeconds),
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

function batchesOf(entries: number): readonly (readonly LedgerRecord[])[] {
  const batches: LedgerRecord[][] = []
  for (let first = 1; first <= entries; first += batchLength) {
    const length = Math.min(batchLength, entries - first + 1)
    batches.push(Array.from({ length }, (_, i) => recordOf(first + i)))
  }
  return batches
}

function recordOf(seq: number): LedgerRecord {
  return { source: 'gateway-gw01', seq, type: 'call.intent', commit: hash('sha256', String(seq)) }
}

async function timeProofs(ledger: Ledger, entries: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let i = 0; i < proofs; i++) {
    const seq = 1 + ((i * 7_919) % entries)
    const started = performance.now()
    const index = await ledger.find('gateway-gw01', seq)
    await ledger.prove(index ?? -1)
    times.push(performance.now() - started)
  }
  return times
}

async function timeSmallAppends(dir: string, key: Parameters<typeof openLedger>[1]): Promise<readonly number[]> {
  const ledger = await openLedger(dir, key)
  const times: number[] = []
  for (let first = 1; first < 2_000; first += 10) {
    const batch = Array.from({ length: 10 }, (_, i) => recordOf(first + i))
    const started = performance.now()
    await ledger.append(batch)
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
