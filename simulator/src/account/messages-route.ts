import { z } from 'zod'
import { answerInvoke } from './answer.ts'
import { messageBody, messageEvents } from './answer-shapes.ts'
import { AwsError } from './aws-error.ts'
import { isGone } from './connection.ts'
import type { Caller } from './identity.ts'
import { type InferenceCall, playCall } from './inference.ts'
import { parseJson } from './lines.ts'
import { resolveModel } from './models.ts'
import { between, sleep } from './pace.ts'
import type { AccountParts, Exchange } from './parts.ts'
import { recordCall } from './record-call.ts'
import { answerJson } from './respond.ts'
import { playCut, type StreamEnd, stalled } from './send-stream.ts'

const bodySchema = z.looseObject({ model: z.string(), stream: z.boolean().optional() })

/**
 * bedrock-runtime's Anthropic route (`POST /anthropic/v1/messages`): JSON or server-sent events. How CloudTrail names it is not
 * known; it is written as InvokeModel.
 */
export async function handleMessages(
  parts: AccountParts,
  exchange: Exchange,
  caller: Caller,
  region: string,
): Promise<void> {
  const path = exchange.request.url.split('?')[0]
  if (path !== '/anthropic/v1/messages' || exchange.request.method !== 'POST')
    throw new AwsError(404, 'UnknownOperationException', 'Unknown operation')
  const body = parseJson(exchange.request.body.toString('utf8'))
  const asked = bodySchema.safeParse(body)
  if (!asked.success) throw new AwsError(400, 'ValidationException', 'model: Field required')
  const { model: modelId, stream } = asked.data
  const operation = stream === true ? 'InvokeModelWithResponseStream' : 'InvokeModel'
  await playCall(parts, { exchange, caller, region, operation, modelId, body }, answerMessages)
}

async function answerMessages(parts: AccountParts, call: InferenceCall): Promise<void> {
  const model = resolveModel(call.modelId, call.region)
  const answer = answerInvoke(call.body, model.base)
  await sleep(between(parts, parts.latency.firstByteMs))
  const ended =
    call.operation === 'InvokeModel'
      ? await stalled(call)
      : await sendEvents(parts, call, messageEvents(answer, model.base))
  if (ended === undefined)
    answerJson(call.exchange, call.requestId, 200, messageBody(answer, model.base), { 'request-id': call.requestId })
  recordCall(parts, call, { kind: 'answered', model, answer, ended: ended ?? 'complete' })
}

/** Server-sent events, one per event of the stream. */
async function sendEvents(
  parts: AccountParts,
  call: InferenceCall,
  events: ReturnType<typeof messageEvents>,
): Promise<StreamEnd> {
  const { response } = call.exchange
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'request-id': call.requestId,
    'x-amzn-requestid': call.requestId,
  })
  for (const [i, event] of events.entries()) {
    const cut = i === Math.floor(events.length / 2) ? await playCut(call) : undefined
    if (cut !== undefined) return cut
    if (isGone(response)) return 'client_gone'
    response.write(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`)
    await sleep(between(parts, parts.latency.chunkMs))
  }
  response.end()
  return 'complete'
}
