import { isTriptychError } from '../../platform/triptych-error.ts'
import type { CallIntent, Metering } from '../../record/gateway-call.ts'
import type { ModelId } from '../../record/model-id.ts'
import { type Outcome, outcomeOfStatus } from '../../record/outcome.ts'
import { awsErrorCode, awsRequestIdOf } from './aws-error.ts'
import type { EndedCall } from './call-journal.ts'
import type { Delivered } from './deliver.ts'
import type { Forwarded, Sending } from './forward.ts'
import type { GatewayParts } from './gateway-parts.ts'
import type { Lease } from './limits/limits.ts'

/** The ways in which a sent call can end. */
export type CallEnd =
  | {
      readonly kind: 'no_answer'
      readonly clientGone: boolean
      readonly cause: unknown
      readonly sending: Readonly<Sending>
    }
  | { readonly kind: 'error_answer'; readonly forwarded: Forwarded; readonly bytes: number }
  /** The head came and then something went wrong before the answer could be delivered. */
  | { readonly kind: 'broken_answer'; readonly forwarded: Forwarded; readonly code: string }
  | {
      readonly kind: 'delivered'
      readonly forwarded: Forwarded
      readonly delivered: Delivered
      readonly metering: Metering
      readonly streaming: boolean
    }

type Told = Omit<EndedCall, keyof CallIntent | 'durationMs' | 'endedAt' | 'costMicroUsd' | 'pricesOf'>

const nothingRead: Metering = { tokensFrom: 'none', stopReason: '', complete: false, streamError: '' }

/** Writes the outcome, however the call ended. */
export async function finishCall(
  parts: GatewayParts,
  intent: CallIntent,
  call: { readonly startedMs: number; readonly model: ModelId; readonly lease: Lease },
  end: CallEnd,
): Promise<void> {
  const durationMs = Math.round(performance.now() - call.startedMs)
  // From the start on: a wall clock that is set meanwhile must not end a call before it began.
  const endedAt = new Date(Date.parse(intent.startedAt) + durationMs).toISOString()
  const told = tell(end)
  const costMicroUsd = parts.prices.costOf(call.model, told)
  const cost = costMicroUsd === undefined ? {} : { costMicroUsd, pricesOf: parts.prices.asOf }
  await parts.journal.outcome({ ...intent, ...told, ...cost, durationMs, endedAt })
  await call.lease.settle({ ...told, costMicroUsd })
}

function tell(end: CallEnd): Told {
  if (end.kind === 'no_answer') {
    const reason = isTriptychError(end.cause) ? end.cause.facts['reason'] : undefined
    return {
      ...nothingRead,
      result: end.clientGone ? 'aborted' : 'unreachable',
      httpStatus: 0,
      errorCode: typeof reason === 'string' && /^[A-Za-z0-9_.-]{1,96}$/.test(reason) ? reason : 'failed',
      awsRequestId: end.sending.awsRequestId,
      accessKeyId: end.sending.session.accessKeyId,
      responseBytes: 0,
      attempts: end.sending.attempts,
    }
  }
  const answered = answerOf(end.forwarded)
  if (end.kind === 'error_answer') {
    return {
      ...nothingRead,
      ...answered,
      result: outcomeOfStatus(answered.httpStatus, answered.errorCode),
      responseBytes: end.bytes,
    }
  }
  if (end.kind === 'broken_answer') {
    const refused = answered.httpStatus >= 300
    const result = refused ? outcomeOfStatus(answered.httpStatus, answered.errorCode) : 'stream_error'
    return { ...nothingRead, ...answered, result, errorCode: refused ? answered.errorCode : end.code, responseBytes: 0 }
  }
  const { result, errorCode } = resultOf(end.delivered, end.metering, end.streaming)
  return {
    ...end.metering,
    ...answered,
    result,
    errorCode,
    responseBytes: end.delivered.bytes,
    ...(end.delivered.firstByteMs === undefined ? {} : { firstByteMs: end.delivered.firstByteMs }),
  }
}

function answerOf(forwarded: Forwarded) {
  const { headers, statusCode } = forwarded.answer
  return {
    httpStatus: statusCode ?? 0,
    errorCode: awsErrorCode(headers),
    awsRequestId: awsRequestIdOf(headers),
    accessKeyId: forwarded.sending.session.accessKeyId,
    attempts: forwarded.sending.attempts,
  }
}

function resultOf(
  delivered: Delivered,
  metering: Metering,
  streaming: boolean,
): { result: Outcome; errorCode: string } {
  if (metering.streamError !== '' && metering.streamError !== 'unreadable_frame')
    return { result: 'stream_error', errorCode: metering.streamError }
  if (delivered.end === 'client_gone') return { result: 'aborted', errorCode: 'client_gone' }
  if (delivered.end === 'upstream_broke') return { result: 'stream_error', errorCode: 'upstream_broke' }
  if (streaming && !metering.complete) return { result: 'stream_error', errorCode: metering.streamError || 'truncated' }
  return { result: 'success', errorCode: '' }
}
