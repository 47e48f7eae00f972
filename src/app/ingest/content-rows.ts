import { z } from 'zod'
import { contentRecordSchema } from '../../record/content-record.ts'
import type { BatchStamp } from './journal-rows.ts'

/** One line of an invocation envelope: the record's metadata, its text without the cuts, and where each cut is. */
export const envelopeLineSchema = z.object({
  n: z.number().int().positive(),
  record: contentRecordSchema,
  /** Under whose key the cuts are: an alias, or a pseudonym. */
  owner: z.string().regex(/^[pq][0-9a-z]{20}$/),
  envelope: z.string(),
  cuts: z.array(
    z.object({
      path: z.string(),
      class: z.enum(['content', 'identity']),
      at: z.number().int().nonnegative(),
      bytes: z.number().int().nonnegative(),
      mac: z.string(),
      ref: z.string(),
    }),
  ),
})

/** One line of an invocation envelope. */
export type EnvelopeLine = z.infer<typeof envelopeLineSchema>

/** Envelope lines as rows of content_records. */
export function contentRows(fileId: string, lines: readonly EnvelopeLine[], stamp: BatchStamp): object[] {
  return lines.map(({ n, record, owner }) => ({
    request_id: record.requestId,
    ts: record.timestamp,
    operation: record.operation,
    account: record.account,
    region: record.region,
    model_as_sent: record.modelAsSent,
    principal_arn: record.principalArn,
    principal_alias: record.principalAlias,
    inference_region: record.inferenceRegion,
    call_id: record.callId,
    metadata_alias: record.metadataAlias,
    session_claim: record.session,
    tokens_input: record.inputTokens ?? null,
    tokens_output: record.outputTokens ?? null,
    tokens_cache_read: record.cacheReadTokens ?? null,
    tokens_cache_write: record.cacheWriteTokens ?? null,
    error_code: record.errorCode,
    stop_reason: record.stopReason,
    input_state: record.inputState,
    output_state: record.outputState,
    input_bytes: record.inputBytes,
    output_bytes: record.outputBytes,
    input_mac: record.inputMac,
    output_mac: record.outputMac,
    owner,
    input_ref: record.inputRef,
    output_ref: record.outputRef,
    file_id: fileId,
    row_in_file: n,
    batch: stamp.batch,
    loaded_at: stamp.loadedAt,
    simulated: stamp.simulated ? 1 : 0,
    revision: 1,
  }))
}
