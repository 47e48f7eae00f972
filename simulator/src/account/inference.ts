import { createHash } from 'node:crypto'
import { type Answer, answerConverse, answerInvoke, countOf } from './answer.ts'
import { converseBody, messageBody } from './answer-shapes.ts'
import { AwsError } from './aws-error.ts'
import { breakOff, isGone } from './connection.ts'
import type { Caller } from './identity.ts'
import { parseJson } from './lines.ts'
import { type ResolvedModel, resolveModel } from './models.ts'
import { between, sleep } from './pace.ts'
import type { AccountParts, Exchange } from './parts.ts'
import { recordCall } from './record-call.ts'
import { requestMetadataOf } from './request-metadata.ts'
import { answerError, answerJson } from './respond.ts'
import { sendStream, stalled } from './send-stream.ts'

/** The runtime's routes. */
const runtimeVerbs = new Map([
  ['invoke', 'InvokeModel'],
  ['invoke-with-response-stream', 'InvokeModelWithResponseStream'],
  ['converse', 'Converse'],
  ['converse-stream', 'ConverseStream'],
  ['count-tokens', 'CountTokens'],
])

/** One inference call, as far as it is known. */
export interface InferenceCall {
  readonly exchange: Exchange
  readonly caller: Caller
  readonly region: string
  readonly operation: string
  readonly modelId: string
  readonly requestId: string
  readonly startedAt: number
  readonly faults: ReadonlySet<string>
  readonly body: unknown
}

const longestBody = 25_000_000

/** Answers a runtime call and writes what AWS writes of it. */
export async function handleInference(
  parts: AccountParts,
  exchange: Exchange,
  caller: Caller,
  region: string,
): Promise<void> {
  const [, segment = '', verb = ''] =
    /^\/model\/([^/]+)\/([a-z-]+)$/.exec(exchange.request.url.split('?')[0] ?? '') ?? []
  const operation = runtimeVerbs.get(verb)
  if (operation === undefined || exchange.request.method !== 'POST')
    throw new AwsError(404, 'UnknownOperationException', 'Unknown operation')
  const body = parseJson(exchange.request.body.toString('utf8'))
  await playCall(parts, { exchange, caller, region, operation, modelId: decodeURIComponent(segment), body }, answerCall)
}

/** Notes that a call arrived, plays its faults, has it answered; writes the records of one that AWS refuses. */
export async function playCall(
  parts: AccountParts,
  arrived: Pick<InferenceCall, 'exchange' | 'caller' | 'region' | 'operation' | 'modelId' | 'body'>,
  answer: (parts: AccountParts, call: InferenceCall) => Promise<void>,
): Promise<void> {
  const call: InferenceCall = {
    ...arrived,
    requestId: parts.random.uuid(),
    startedAt: parts.clock.now(),
    faults: parts.faults.take(arrived.operation, arrived.modelId),
  }
  noteReceived(parts, call)
  if (call.faults.has('refuse-connection')) {
    breakOff(call.exchange.response)
    return
  }
  try {
    checkCall(call)
    await answer(parts, call)
  } catch (cause) {
    if (!(cause instanceof AwsError)) throw cause
    answerError(call.exchange, call.requestId, cause)
    recordCall(parts, call, { kind: 'error', error: cause })
  }
}

async function answerCall(parts: AccountParts, call: InferenceCall): Promise<void> {
  const model = resolveModel(call.modelId, call.region)
  if (call.operation === 'CountTokens') {
    answerJson(call.exchange, call.requestId, 200, { inputTokens: countOf(call.body) })
    recordCall(parts, call, { kind: 'counted', model })
    return
  }
  const converse = call.operation.startsWith('Converse')
  const answer = converse ? answerConverse(call.body, model.base) : answerInvoke(call.body, model.base)
  if (call.operation.endsWith('Stream')) {
    const ended = await sendStream(parts, call, model, answer)
    recordCall(parts, call, { kind: 'answered', model, answer, ended })
    return
  }
  await sleep(between(parts, parts.latency.firstByteMs))
  const ended = await stalled(call)
  if (ended === undefined && !isGone(call.exchange.response)) sendWhole(call, model, answer)
  recordCall(parts, call, { kind: 'answered', model, answer, ended: ended ?? 'complete' })
}

function checkCall(call: InferenceCall): void {
  if (call.faults.has('throttle'))
    throw new AwsError(429, 'ThrottlingException', 'Too many requests, please wait before trying again.')
  if (call.faults.has('expired-token'))
    throw new AwsError(403, 'ExpiredTokenException', 'The security token included in the request is expired')
  if (call.faults.has('error-500'))
    throw new AwsError(
      500,
      'InternalServerException',
      'The system encountered an unexpected error during processing. Try your request again.',
    )
  const { request } = call.exchange
  if (request.body.length > longestBody) throw new AwsError(400, 'ValidationException', 'Input is too long.')
  requestMetadataOf(call.operation, request.headers['x-amzn-bedrock-request-metadata'], call.body)
}

function sendWhole(call: InferenceCall, model: ResolvedModel, answer: Answer): void {
  const { usage } = answer
  if (call.operation === 'Converse') {
    answerJson(call.exchange, call.requestId, 200, converseBody(answer, 420))
    return
  }
  answerJson(call.exchange, call.requestId, 200, messageBody(answer, model.base), {
    'x-amzn-bedrock-invocation-latency': '420',
    'x-amzn-bedrock-input-token-count': String(usage.input),
    'x-amzn-bedrock-output-token-count': String(usage.output),
    'x-amzn-bedrock-cache-read-input-token-count': String(usage.cacheRead),
    'x-amzn-bedrock-cache-write-input-token-count': String(usage.cacheWrite),
  })
}

function noteReceived(parts: AccountParts, call: InferenceCall): void {
  const { request } = call.exchange
  parts.received.add({
    at: call.startedAt,
    requestId: call.requestId,
    operation: call.operation,
    modelId: call.modelId,
    region: call.region,
    userAgent: String(request.headers['user-agent'] ?? ''),
    accessKeyId: call.caller.accessKeyId,
    bodyBytes: request.body.length,
    bodySha256: createHash('sha256').update(request.body).digest('hex'),
  })
}
