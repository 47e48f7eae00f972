import type { Answer } from './answer.ts'
import { converseBody, messageBody, messageEvents } from './answer-shapes.ts'
import { AwsError } from './aws-error.ts'
import type { InferenceCall } from './inference.ts'
import { profileArn, type ResolvedModel } from './models.ts'
import type { AccountParts } from './parts.ts'
import { requestMetadataOf } from './request-metadata.ts'
import type { StreamEnd } from './send-stream.ts'

/** How a call came out. */
export type CallEnd =
  | { readonly kind: 'error'; readonly error: AwsError }
  | { readonly kind: 'counted'; readonly model: ResolvedModel }
  | { readonly kind: 'answered'; readonly model: ResolvedModel; readonly answer: Answer; readonly ended: StreamEnd }

/** Writes what CloudTrail and the invocation log write of a call. What AWS may do is done both ways, by seed. */
export function recordCall(parts: AccountParts, call: InferenceCall, end: CallEnd): void {
  if (!call.faults.has('no-cloudtrail') && trailShows(parts, end)) writeTrail(parts, call, end)
  if (!call.faults.has('no-content') && logShows(parts, call, end)) writeLog(parts, call, end)
}

function trailShows(parts: AccountParts, end: CallEnd): boolean {
  if (end.kind === 'error') return end.error.code !== 'ExpiredTokenException' && parts.random.chance(0.5)
  if (end.kind === 'counted') return parts.random.chance(0.3)
  return end.ended === 'complete' || parts.random.chance(0.7)
}

function logShows(parts: AccountParts, call: InferenceCall, end: CallEnd): boolean {
  if (call.operation === 'CountTokens') return false
  if (end.kind === 'error')
    return ['AccessDeniedException', 'ValidationException'].includes(end.error.code) && parts.random.chance(0.5)
  return end.kind === 'answered' && (end.ended === 'complete' || parts.random.chance(0.5))
}

function writeTrail(parts: AccountParts, call: InferenceCall, end: CallEnd): void {
  const { exchange, caller } = call
  const inferenceRegion = end.kind === 'error' ? undefined : end.model.inferenceRegion
  const additional = {
    ...(inferenceRegion === undefined ? {} : { inferenceRegion }),
    ...(caller.bearer ? { callWithBearerToken: true } : {}),
  }
  parts.trail.write({
    at: parts.clock.now(),
    region: call.region,
    eventSource: 'bedrock.amazonaws.com',
    eventName: call.operation,
    caller,
    sourceAddress: exchange.sourceAddress,
    userAgent: String(exchange.request.headers['user-agent'] ?? ''),
    host: `bedrock-runtime.${call.region}.amazonaws.com`,
    requestId: call.requestId,
    requestParameters: { modelId: call.modelId },
    readOnly: true,
    ...(end.kind === 'error'
      ? {
          errorCode: end.error.code === 'AccessDeniedException' ? 'AccessDenied' : end.error.code,
          errorMessage: end.error.message,
        }
      : {}),
    ...(Object.keys(additional).length === 0 ? {} : { additionalEventData: additional }),
  })
}

function writeLog(parts: AccountParts, call: InferenceCall, end: CallEnd): void {
  const converse = call.operation.startsWith('Converse')
  const body = asRecord(call.body)
  const { requestMetadata: _said, ...withoutMetadata } = body
  parts.invocations.write({
    at: call.startedAt,
    region: call.region,
    arn: call.caller.arn,
    requestId: call.requestId,
    operation: call.operation,
    // Converse logs the id as it was sent, InvokeModel a profile's ARN.
    modelId:
      !converse && end.kind === 'answered' && end.model.isProfile && !call.modelId.startsWith('arn:')
        ? profileArn(call.modelId, call.region)
        : call.modelId,
    inferenceRegion: end.kind === 'answered' ? end.model.inferenceRegion : undefined,
    requestMetadata: metadataOf(call),
    errorCode: end.kind === 'error' ? end.error.code : undefined,
    input: converse ? withoutMetadata : body,
    output: end.kind === 'answered' ? outputOf(call, end.model, end.answer) : undefined,
    tokens: end.kind === 'answered' ? end.answer.usage : undefined,
  })
}

function outputOf(call: InferenceCall, model: ResolvedModel, answer: Answer): unknown {
  if (call.operation.startsWith('Converse')) return converseBody(answer, 420)
  if (call.operation === 'InvokeModelWithResponseStream') return [...messageEvents(answer, model.base), '[DONE]']
  return messageBody(answer, model.base)
}

/** What the caller said of the request; nothing, when it did not have its form and was refused. */
function metadataOf(call: InferenceCall): unknown {
  const header = call.exchange.request.headers['x-amzn-bedrock-request-metadata']
  try {
    return requestMetadataOf(call.operation, header, call.body)
  } catch (cause) {
    if (cause instanceof AwsError) return undefined
    throw cause
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
