import { apiUrl, getText } from '../api/request.ts'
import { fetchConsistency, keepNewer } from './check-ledger.ts'
import { keptCheckpoint } from './kept-checkpoint.ts'
import { type Verification, verifyReceipt } from './verify-receipt.ts'

/** A verification, and the key that it was made with. */
export interface ReceiptCheck extends Verification {
  readonly key: string
}

/** Fetches a receipt and checks it; a checkpoint that held is kept for the next time. */
export async function checkReceipt(callKey: string, record: string, storage: Storage): Promise<ReceiptCheck> {
  const [receipt, keyText] = await Promise.all([
    getText(apiUrl(`/calls/${encodeURIComponent(callKey)}/proof`, { record })),
    getText(apiUrl('/ledger/key')),
  ])
  const key = keyText.trim()
  const kept = keptCheckpoint(storage)
  const verification = await verifyReceipt({ receipt, key, kept, consistency: fetchConsistency })
  if (verification.checkpoint !== undefined) keepNewer(storage, verification.checkpoint, key, kept)
  return { ...verification, key }
}
