import { z } from 'zod'
import {
  type ForeignCall,
  foreignCallSchema,
  foreignGatewayName,
  foreignProducts,
  foreignSourcePattern,
} from '../../record/foreign-call.ts'
import type { BatchStamp } from './journal-rows.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** The first line of a gateway log's envelope. */
export const gatewayLogHeadSchema = z.object({
  v: z.literal(1),
  kind: z.literal('gateway-log-envelope'),
  product: z.enum(foreignProducts),
  source: z.string().regex(foreignSourcePattern),
  /** Of product, name and the bytes as received, which are not kept. */
  sha256,
  /** The unbroken reading that these lines belong to. */
  stretch: sha256,
  bytes: z.number(),
  /** Lines that could be read, and how many of them are no calls to Bedrock. */
  records: z.number(),
  notCalls: z.number(),
  rejected: z.array(z.object({ position: z.number(), code: z.string() })),
})
/** The first line of a gateway log's envelope. */
export type GatewayLogHead = z.infer<typeof gatewayLogHeadSchema>

/** Every other line: a call, and where it stood in the file. */
export const gatewayLogLineSchema = z.object({ n: z.number().int().positive(), call: foreignCallSchema })
/** A call, and where it stood in the file. */
export type GatewayLogLine = z.infer<typeof gatewayLogLineSchema>

/** Calls of another product's log as rows of gateway_calls. What no log of others can say keeps the table's default. */
export function gatewayLogRows(
  head: Pick<GatewayLogHead, 'sha256' | 'stretch'>,
  lines: readonly GatewayLogLine[],
  stamp: BatchStamp,
): object[] {
  return lines.map(({ call }) => ({
    ...callColumns(call),
    file_id: head.sha256,
    stretch: head.stretch,
    batch: stamp.batch,
    loaded_at: stamp.loadedAt,
    simulated: stamp.simulated ? 1 : 0,
    revision: 1,
  }))
}

function callColumns(call: ForeignCall) {
  return {
    call_id: call.id,
    ts: call.startedAt,
    gateway: foreignGatewayName(call.product, call.source),
    own_request_id: call.requestId,
    aws_request_id: call.awsRequestId,
    alias: call.alias,
    model_as_sent: call.model,
    operation: call.operation,
    team: call.team,
    project: call.project,
    account: call.account,
    region: call.region,
    // The log is written when the call is over: there is no intent of it.
    stage: 'outcome',
    result: call.result ?? '',
    http_status: call.httpStatus ?? 0,
    error_code: call.errorCode,
    aws_session: 'unknown',
    tokens_input: call.inputTokens ?? null,
    tokens_output: call.outputTokens ?? null,
    tokens_cache_read: call.cacheReadTokens ?? null,
    tokens_cache_write: call.cacheWriteTokens ?? null,
    stop_reason: call.stopReason,
    body_bytes: call.requestBytes ?? null,
    response_bytes: call.responseBytes ?? null,
    first_byte_ms: call.firstByteMs ?? null,
    duration_ms: call.durationMs ?? null,
    ended_at: call.endedAt ?? null,
    attempts: 1,
  }
}
