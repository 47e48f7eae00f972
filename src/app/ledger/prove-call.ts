import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Archive } from '../../evidence/archive/archive.ts'
import type { Ledger } from '../../evidence/ledger/ledger.ts'
import { archiveSource } from '../../evidence/ledger/source-positions.ts'
import { formatTlogProof } from '../../evidence/ledger/tlog-proof.ts'
import type { Engine } from '../../evidence/store/engine.ts'
import type { CallRow } from '../../evidence/store/queries/list-calls.ts'
import { recordAt } from '../../platform/journal/seek-journal.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { DataDir } from '../data-dir.ts'

/** Which record of a call is proven: two of the gateway's journal, or the provenance of the file of another witness. */
export const provableRecords = ['intent', 'outcome', 'access', 'content'] as const
/** Which record of a call is proven. */
export type ProvableRecord = (typeof provableRecords)[number]

/** A receipt, and what it is of. */
export interface CallProof {
  readonly record: ProvableRecord
  readonly source: string
  readonly seq: number
  readonly index: number
  readonly size: number
  /** C2SP tlog-proof. */
  readonly proof: string
}

/** What proving needs. */
export interface ProveParts {
  readonly engine: Engine
  readonly archive: Archive
  readonly dirs: DataDir
  readonly ledger: () => Ledger
}

interface KeptRecord {
  readonly text: string
  readonly source: string
  /** Undefined for a file that is no entry yet. */
  readonly seq: number | undefined
}

/** Makes the receipt of one record of a call. Throws RESOURCE_NOT_FOUND when the call has no such record, LEDGER_BACKLOG, LEDGER_BROKEN. */
export async function proveCall(parts: ProveParts, call: CallRow, record: ProvableRecord): Promise<CallProof> {
  const kept = await (record === 'intent' || record === 'outcome'
    ? journalRecord(parts, call, record)
    : fileRecord(parts, call, record))
  const ledger = parts.ledger()
  const index = kept.seq === undefined ? undefined : await ledger.find(kept.source, kept.seq)
  if (index === undefined || kept.seq === undefined)
    throw new TriptychError('LEDGER_BACKLOG', { record, source: kept.source })
  const { entry, proof, checkpoint } = await ledger.prove(index)
  const extra = Buffer.from(JSON.stringify({ entry, record: kept.text }))
  return {
    record,
    source: kept.source,
    seq: kept.seq,
    index,
    size: checkpoint.size,
    proof: formatTlogProof({ extra, index, proof, checkpoint: checkpoint.note }),
  }
}

const seqRow = z.object({
  gateway: z.string(),
  stage: z.string(),
  intent_seq: z.coerce.number(),
  revision: z.coerce.number(),
})

async function journalRecord(parts: ProveParts, call: CallRow, record: 'intent' | 'outcome'): Promise<KeptRecord> {
  const rows = await parts.engine.rows(
    seqRow,
    `SELECT gateway, stage, intent_seq, revision FROM v_gateway_calls
     WHERE ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64}) AND call_id = {call:String}`,
    { ...window(call), call: call.callId },
    { surface: 'api.call.proof' },
  )
  const row = call.callId === '' ? undefined : rows[0]
  // A call that the gateway refused has one record, which is intent and outcome in one.
  const seq = record === 'intent' && row?.stage === 'outcome' ? row.intent_seq : row?.revision
  const found = row !== undefined && (record === 'intent' || row.stage !== 'intent') ? seq : undefined
  const text = found === undefined ? undefined : await recordAt(parts.dirs.journalOf(row?.gateway ?? ''), found)
  if (row === undefined || found === undefined || text === undefined)
    throw new TriptychError('RESOURCE_NOT_FOUND', { kind: record })
  return { text, source: row.gateway, seq: found }
}

const pathRow = z.object({ archived_path: z.string() })
const fileTables = { access: 'v_access_events', content: 'v_content_records' } as const
const fileKinds = { access: 'cloudtrail', content: 'invocations' } as const

async function fileRecord(parts: ProveParts, call: CallRow, record: 'access' | 'content'): Promise<KeptRecord> {
  const rows = await parts.engine.rows(
    pathRow,
    `SELECT archived_path FROM v_source_files WHERE kind = {kind:String} AND file_id IN (
       SELECT file_id FROM ${fileTables[record]}
       WHERE ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64}) AND request_id = {request:String})
     ORDER BY file_id LIMIT 1`,
    { ...window(call), kind: fileKinds[record], request: call.awsRequestId },
    { surface: 'api.call.proof' },
  )
  const path = call.awsRequestId === '' ? undefined : rows[0]?.archived_path
  const text = path === undefined ? undefined : await parts.archive.provenanceText(fileKinds[record], path)
  if (text === undefined) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: record })
  return { text, source: archiveSource, seq: parts.ledger().fileSeq(hash('sha256', text)) }
}

const dayMs = 86_400_000

function window(call: CallRow): { from: number; to: number } {
  const at = Date.parse(call.at)
  return { from: at - dayMs, to: at + dayMs }
}
