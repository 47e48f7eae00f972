import { isTriptychError } from '../../platform/triptych-error.ts'
import type { CallIntent, Metering } from '../../record/gateway-call.ts'
import type { ModelId } from '../../record/model-id.ts'
import { type Outcome, outcomeOfStatus } from '../../record/outcome.ts'
import { awsErrorCode, awsRequestIdOf } from './aws-error.ts'
import type { Delivered } from './deliver.ts'
import type { Forwarded, Sending } from './forward.ts'
import type { GatewayParts } from './gateway-parts.ts'
import type { Lease } from './limits/limits.ts'
import { type Answered, outcomeOf, type Told } from './outcome-of.ts'

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
  const costMicroUsd = parts.prices.costOf(call.model, told.metering)
  const pricesOf = costMicroUsd === undefined ? undefined : parts.prices.asOf
  const outcome = outcomeOf(intent, told, { costMicroUsd, pricesOf, durationMs, endedAt })
  parts.observer.ended(outcome)
  await parts.journal.outcome(outcome)
  await call.lease.settle(outcome)
}

function tell(end: CallEnd): Told {
  if (end.kind === 'no_answer') return tellUnanswered(end)
  const answered = answeredBy(end.forwarded)
  if (end.kind === 'error_answer') {
    const { httpStatus, errorCode } = answered
    const result = outcomeOfStatus(httpStatus, errorCode)
    return { result, errorCode, answered, metering: nothingRead, responseBytes: end.bytes, drained: false }
  }
  if (end.kind === 'broken_answer') {
    const refused = answered.httpStatus >= 300
    const result = refused ? outcomeOfStatus(answered.httpStatus, answered.errorCode) : 'stream_error'
    const errorCode = refused ? answered.errorCode : end.code
    return { result, errorCode, answered, metering: nothingRead, responseBytes: 0, drained: false }
  }
  const { result, errorCode } = resultOf(end.delivered, end.metering, end.streaming)
  const { bytes: responseBytes, firstByteMs, longestGapMs, drained } = end.delivered
  return { result, errorCode, answered, metering: end.metering, responseBytes, firstByteMs, longestGapMs, drained }
}

function tellUnanswered({ clientGone, cause, sending }: CallEnd & { kind: 'no_answer' }): Told {
  const reason = isTriptychError(cause) ? cause.facts['reason'] : undefined
  const errorCode = typeof reason === 'string' && /^[A-Za-z0-9_.-]{1,96}$/.test(reason) ? reason : 'failed'
  const { awsRequestId, attempts, session } = sending
  return {
    result: clientGone ? 'aborted' : 'unreachable',
    errorCode,
    answered: { httpStatus: 0, errorCode, awsRequestId, accessKeyId: session.accessKeyId, attempts },
    metering: nothingRead,
    responseBytes: 0,
    drained: false,
  }
}

function answeredBy(forwarded: Forwarded): Answered {
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
