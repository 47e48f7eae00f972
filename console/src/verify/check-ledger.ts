import type { ConsistencyAnswer } from '../../../src/app/api/schema/ledger.ts'
import { apiUrl, getJson, getText } from '../api/request.ts'
import { type KeptCheckpoint, keepCheckpoint, keptCheckpoint } from './kept-checkpoint.ts'
import { type Checkpoint, parseCheckpoint } from './signed-note.ts'
import { type Check, checkConsistency, checkSignature } from './verify-receipt.ts'

/** What this browser found out about the ledger as a whole. */
export interface LedgerCheck {
  readonly checkpoint: Checkpoint
  readonly checks: readonly Check[]
  readonly verified: boolean
  /** Since when this browser knows the ledger at this size; the checkpoint itself tells no time. */
  readonly seenAt: string
}

/** The hashes between two sizes of the hub's ledger. */
export async function fetchConsistency(from: number, to: number): Promise<readonly string[]> {
  const url = apiUrl('/ledger/consistency', { from: String(from), to: String(to) })
  return (await getJson<ConsistencyAnswer>(url)).proof
}

/** Checks the newest checkpoint, and keeps it when it holds; undefined when the ledger is empty or not a ledger. */
export async function checkLedger(storage: Storage): Promise<LedgerCheck | undefined> {
  const [note, key] = await Promise.all([getText(apiUrl('/ledger/checkpoint')), getText(apiUrl('/ledger/key'))])
  const checkpoint = parseCheckpoint(note)
  if (checkpoint === undefined) return undefined
  const before = keptCheckpoint(storage)
  const checks = [
    await checkSignature(note, checkpoint, key),
    await checkConsistency(checkpoint, { key, kept: before, consistency: fetchConsistency }),
  ]
  const verified = checks[0]?.state === 'pass' && checks[1]?.state !== 'fail'
  if (verified) keepNewer(storage, checkpoint, key, before)
  const seenAt = before?.size === checkpoint.size ? before.seenAt : new Date().toISOString()
  return { checkpoint, checks, verified, seenAt }
}

/** Keeps a verified checkpoint, unless a larger one is kept. */
export function keepNewer(
  storage: Storage,
  checkpoint: Checkpoint,
  key: string,
  before: KeptCheckpoint | undefined,
): void {
  if (checkpoint.size > (before?.size ?? 0)) keepCheckpoint(storage, checkpoint, key.trim(), new Date().toISOString())
}
