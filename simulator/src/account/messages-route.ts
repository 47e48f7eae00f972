import { z } from 'zod'
import { answerInvoke } from './answer.ts'
import { messageBody, messageEvents } from './answer-shapes.ts'
import { AwsError } from './aws-error.ts'
import type { Caller } from './identity.ts'
import type { InferenceCall } from './inference.ts'
import { resolveModel } from './models.ts'
import { between, sleep } from './pace.ts'
import type { AccountParts, Exchange } from './parts.ts'
import { recordCall } from './record-call.ts'

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
  const body: unknown = JSON.parse(exchange.request.body.toString('utf8'))
  const asked = bodySchema.safeParse(body)
  if (!asked.success) throw new AwsError(400, 'ValidationException', 'model: Field required')
  const call: InferenceCall = {
    exchange,
    caller,
    region,
    operation: asked.data.stream === true ? 'InvokeModelWithResponseStream' : 'InvokeModel',
    modelId: asked.data.model,
    requestId: parts.random.uuid(),
    startedAt: parts.clock.now(),
    faults: new Set(),
    body,
  }
  const model = resolveModel(asked.data.model, region)
  const answer = answerInvoke(withoutRouting(body), model.base)
  const { response } = exchange
  await sleep(between(parts, parts.latency.firstByteMs))
  if (asked.data.stream !== true) {
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'request-id': call.requestId,
        'x-amzn-requestid': call.requestId,
      })
      .end(JSON.stringify(messageBody(answer, model.base)))
  } else {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'request-id': call.requestId,
      'x-amzn-requestid': call.requestId,
    })
    for (const event of messageEvents(answer, model.base)) {
      response.write(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`)
      await sleep(between(parts, parts.latency.chunkMs))
    }
    response.end()
  }
  recordCall(parts, call, { kind: 'answered', model, answer, ended: response.destroyed ? 'client_gone' : 'complete' })
}

/** What InvokeModel's body does not have: the same question must cost the same by either route. */
function withoutRouting(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  const { model: _model, stream: _stream, ...rest } = Object.fromEntries(Object.entries(body))
  return { ...rest, anthropic_version: 'bedrock-2023-05-31' }
}
