import { hash } from 'node:crypto'
import { z } from 'zod'
import { provenanceSchema } from '../../evidence/archive/provenance.ts'
import { openCheckpoint } from '../../evidence/ledger/checkpoint.ts'
import { type LedgerEntry, parseEntry } from '../../evidence/ledger/entry.ts'
import { leafHash } from '../../evidence/ledger/merkle-hash.ts'
import { archiveSource } from '../../evidence/ledger/source-positions.ts'
import { parseTlogProof } from '../../evidence/ledger/tlog-proof.ts'
import type { VerifierKey } from '../../evidence/ledger/verifier-key.ts'
import { verifyInclusion } from '../../evidence/ledger/verify-proof.ts'
import { parseJournalLine } from '../../platform/journal/line.ts'
import { parseJson } from '../../platform/json/parse-json.ts'
import { isTriptychError, TriptychError } from '../../platform/triptych-error.ts'

const extraSchema = z.object({ entry: z.string(), record: z.string() })

/** What a receipt shows, or the step at which it fails. */
export interface ReceiptVerification {
  readonly index: number
  readonly size: number
  readonly source: string
  readonly seq: number
  readonly type: string
  /** The record as it was at rest. */
  readonly record: string
  /** A sentence; empty when all holds. */
  readonly fault: string
}

/**
 * Verifies a receipt by itself: record → commit → entry → leaf → root → signature. Throws LEDGER_PROOF_INVALID for a text that is no
 * receipt of a record.
 */
export function verifyReceipt(text: string, key: VerifierKey): ReceiptVerification {
  const { extra, index, proof, checkpoint: note } = parseTlogProof(text)
  const { entry, record } = readExtra(extra)
  const { source, seq, type, commit } = parseEntry(entry) ?? { source: '', seq: 0, type: '', commit: '' }
  const shown = { index, size: 0, source, seq, type, record }
  if (source === '') return { ...shown, fault: 'the entry in the receipt is not of the form of an entry' }
  if (hash('sha256', record) !== commit)
    return { ...shown, fault: 'the record is altered: it is not the one that the entry commits to' }
  if (!isRecordOf({ source, seq, type, commit }, record))
    return { ...shown, fault: 'the entry does not name the record that it commits to' }
  try {
    const { size, root } = openCheckpoint(note, key)
    const holds = verifyInclusion({ index, size, leafHash: leafHash(Buffer.from(entry)), root }, proof)
    return { ...shown, size, fault: holds ? '' : 'the proof does not lead from the entry to the root that was signed' }
  } catch (cause) {
    if (!isTriptychError(cause, 'LEDGER_NOTE_INVALID')) throw cause
    return { ...shown, fault: 'the checkpoint in the receipt was not signed by this key' }
  }
}

/** A journal line says its source, number and type itself; a provenance record its kind. */
function isRecordOf(entry: LedgerEntry, record: string): boolean {
  if (entry.source !== archiveSource) {
    const line = parseJournalLine(record)
    return line?.source === entry.source && line.seq === entry.seq && line.type === entry.type
  }
  const provenance = provenanceSchema.safeParse(parseJson(record))
  return provenance.success && entry.type === `file.${provenance.data.kind}`
}

function readExtra(extra: Uint8Array): z.infer<typeof extraSchema> {
  try {
    return extraSchema.parse(JSON.parse(Buffer.from(extra).toString('utf8')))
  } catch (cause) {
    throw new TriptychError('LEDGER_PROOF_INVALID', { reason: 'it carries no record' }, cause)
  }
}
