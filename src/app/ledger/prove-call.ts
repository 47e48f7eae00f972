import { z } from 'zod'
import type { Archive } from '../../evidence/archive/archive.ts'
import type { Ledger } from '../../evidence/ledger/ledger.ts'
import { archiveSource } from '../../evidence/ledger/source-positions.ts'
import { formatTlogProof } from '../../evidence/ledger/tlog-proof.ts'
import type { Engine } from '../../evidence/store/engine.ts'
import type { CallRow } from '../../evidence/store/queries/list-calls.ts'
import { recordAt } from '../../platform/journal/seek-journal.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { isForeignGateway } from '../../record/foreign-call.ts'
import type { ProvableRecord } from '../../record/provable-record.ts'
import type { DataDir } from '../data-dir.ts'
import { commitOfProvenance } from './enter-archive.ts'

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

/** An entry of the ledger, and the record that it commits to. */
interface EnteredRecord extends KeptRecord {
  readonly seq: number
  readonly index: number
}

/** Makes the receipt of one record of a call. Throws RESOURCE_NOT_FOUND when the call has no such record, LEDGER_BACKLOG, LEDGER_BROKEN. */
export async function proveCall(parts: ProveParts, call: CallRow, record: ProvableRecord): Promise<CallProof> {
  const { source, seq, index, text } = await enteredRecord(parts, call, record)
  const { entry, proof, checkpoint } = await parts.ledger().prove(index)
  const extra = Buffer.from(JSON.stringify({ entry, record: text }))
  const note = formatTlogProof({ extra, index, proof, checkpoint: checkpoint.note })
  return { record, source, seq, index, size: checkpoint.size, proof: note }
}

/** Finds the entry of one record of a call; throws as `proveCall` does. */
export async function enteredRecord(parts: ProveParts, call: CallRow, record: ProvableRecord): Promise<EnteredRecord> {
  const kept = await (record === 'intent' || record === 'outcome'
    ? journalRecord(parts, call, record)
    : fileRecord(parts, call, record))
  const { source, seq } = kept
  const index = seq === undefined ? undefined : await parts.ledger().find(source, seq)
  if (index === undefined || seq === undefined) throw new TriptychError('LEDGER_BACKLOG', { record, source })
  return { ...kept, seq, index }
}

const seqRow = z.object({
  gateway: z.string(),
  file_id: z.string(),
  stage: z.string(),
  intent_seq: z.coerce.number(),
  revision: z.coerce.number(),
})

async function journalRecord(parts: ProveParts, call: CallRow, record: 'intent' | 'outcome'): Promise<KeptRecord> {
  const rows = await parts.engine.rows(
    seqRow,
    `SELECT gateway, file_id, stage, intent_seq, revision FROM v_gateway_calls
     WHERE ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64}) AND call_id = {call:String}`,
    { ...window(call), call: call.callId },
    { surface: 'api.call.proof' },
  )
  const row = call.callId === '' ? undefined : rows[0]
  if (row !== undefined && isForeignGateway(row.gateway)) return gatewayLogRecord(parts, row.file_id, record)
  // A call that the gateway refused has one record, which is intent and outcome in one.
  const seq = record === 'intent' && row?.stage === 'outcome' ? row.intent_seq : row?.revision
  const found = row !== undefined && (record === 'intent' || row.stage !== 'intent') ? seq : undefined
  const text = found === undefined ? undefined : await recordAt(parts.dirs.journalOf(row?.gateway ?? ''), found)
  if (row === undefined || found === undefined || text === undefined)
    throw new TriptychError('RESOURCE_NOT_FOUND', { kind: record })
  return { text, source: row.gateway, seq: found }
}

/** Of another product's log there is an envelope, kept like any other file; an intent it never wrote. */
async function gatewayLogRecord(parts: ProveParts, fileId: string, record: 'intent' | 'outcome'): Promise<KeptRecord> {
  const sql = 'SELECT archived_path FROM v_source_files WHERE kind = {kind:String} AND file_id = {fileId:String}'
  const rows = await parts.engine.rows(pathRow, sql, { kind: 'gateway-log', fileId }, { surface: 'api.call.proof' })
  const path = record === 'outcome' ? rows[0]?.archived_path : undefined
  const text = path === undefined ? undefined : await parts.archive.provenanceText('gateway-logs', path)
  if (text === undefined) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: record })
  return { text, source: archiveSource, seq: parts.ledger().fileSeq(commitOfProvenance(text)) }
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
  return { text, source: archiveSource, seq: parts.ledger().fileSeq(commitOfProvenance(text)) }
}

const dayMs = 86_400_000

function window(call: CallRow): { from: number; to: number } {
  const at = Date.parse(call.at)
  return { from: at - dayMs, to: at + dayMs }
}
