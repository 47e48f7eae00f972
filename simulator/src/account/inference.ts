import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Answer, answerConverse, answerInvoke, countTokens } from './answer.ts'
import { converseBody, messageBody } from './answer-shapes.ts'
import { AwsError } from './aws-error.ts'
import type { Caller } from './identity.ts'
import { type ResolvedModel, resolveModel } from './models.ts'
import { between, sleep } from './pace.ts'
import type { AccountParts, Exchange } from './parts.ts'
import { recordCall } from './record-call.ts'
import { sendStream } from './send-stream.ts'

/** The runtime's routes. */
export const runtimeVerbs = new Map([
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
  if (operation === undefined) throw new AwsError(404, 'UnknownOperationException', 'Unknown operation')
  const modelId = decodeURIComponent(segment)
  const call: InferenceCall = {
    exchange,
    caller,
    region,
    operation,
    modelId,
    requestId: parts.random.uuid(),
    startedAt: parts.clock.now(),
    faults: parts.faults.take(operation, modelId),
    body: parseJson(exchange.request.body),
  }
  noteReceived(parts, call)
  if (call.faults.has('refuse-connection')) {
    exchange.response.destroy()
    return
  }
  try {
    await answerCall(parts, call)
  } catch (cause) {
    if (!(cause instanceof AwsError)) throw cause
    answerError(call, cause)
    recordCall(parts, call, { kind: 'error', error: cause })
  }
}

async function answerCall(parts: AccountParts, call: InferenceCall): Promise<void> {
  checkFaults(call)
  if (call.exchange.request.body.length > longestBody)
    throw new AwsError(400, 'ValidationException', 'Input is too long.')
  const model = resolveModel(call.modelId, call.region)
  if (call.operation === 'CountTokens') {
    send(call, 200, { inputTokens: countTokens(inputOfCount(call.body)) })
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
  sendWhole(call, model, answer)
  recordCall(parts, call, { kind: 'answered', model, answer, ended: 'complete' })
}

function checkFaults(call: InferenceCall): void {
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
}

function sendWhole(call: InferenceCall, model: ResolvedModel, answer: Answer): void {
  const { usage } = answer
  if (call.operation === 'Converse') {
    send(call, 200, converseBody(answer, 420))
    return
  }
  send(call, 200, messageBody(answer, model.base), {
    'x-amzn-bedrock-invocation-latency': '420',
    'x-amzn-bedrock-input-token-count': String(usage.input),
    'x-amzn-bedrock-output-token-count': String(usage.output),
    'x-amzn-bedrock-cache-read-input-token-count': String(usage.cacheRead),
    'x-amzn-bedrock-cache-write-input-token-count': String(usage.cacheWrite),
  })
}

/** AWS's error answer (Amazon Bedrock API reference, common errors). */
export function answerError(call: Pick<InferenceCall, 'exchange' | 'requestId'>, error: AwsError): void {
  if (call.exchange.response.headersSent) return
  call.exchange.response
    .writeHead(error.status, {
      'content-type': 'application/json',
      'x-amzn-requestid': call.requestId,
      'x-amzn-errortype': `${error.code}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    })
    .end(JSON.stringify({ message: error.message }))
}

function send(
  call: InferenceCall,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body))
  call.exchange.response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      'x-amzn-requestid': call.requestId,
      ...headers,
    })
    .end(bytes)
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

const countBody = z.looseObject({
  input: z.looseObject({
    invokeModel: z.looseObject({ body: z.string() }).optional(),
    converse: z.unknown().optional(),
  }),
})

/** CountTokens takes an InvokeModel body in base 64, or a Converse body. */
function inputOfCount(body: unknown): string {
  const parsed = countBody.safeParse(body)
  if (!parsed.success) throw new AwsError(400, 'ValidationException', 'Malformed input request: input')
  const { invokeModel, converse } = parsed.data.input
  return invokeModel === undefined
    ? JSON.stringify(converse ?? '')
    : Buffer.from(invokeModel.body, 'base64').toString('utf8')
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
