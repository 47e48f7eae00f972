import { once } from 'node:events'
import type { Answer } from './answer.ts'
import { converseEvents, messageEvents, metricsOf } from './answer-shapes.ts'
import { breakOff, isGone, untilGone } from './connection.ts'
import { encodeEvent, encodeException } from './event-stream.ts'
import type { InferenceCall } from './inference.ts'
import type { ResolvedModel } from './models.ts'
import { between, sleep } from './pace.ts'
import type { AccountParts } from './parts.ts'

/** How a stream ended, as the account saw it. */
export type StreamEnd = 'complete' | 'client_gone' | 'broken'

const padding = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Streams an answer, frame by frame; plays the faults a stream can have. */
export async function sendStream(
  parts: AccountParts,
  call: InferenceCall,
  model: ResolvedModel,
  answer: Answer,
): Promise<StreamEnd> {
  const { response } = call.exchange
  await sleep(between(parts, parts.latency.firstByteMs))
  if (isGone(response)) return 'client_gone'
  const type = call.faults.has('wrong-content-type') ? 'application/json' : 'application/vnd.amazon.eventstream'
  response.writeHead(200, {
    'content-type': type,
    'x-amzn-requestid': call.requestId,
    'x-amzn-bedrock-content-type': 'application/json',
  })
  response.flushHeaders()
  const frames = framesOf(parts, call, model, answer)
  const half = Math.max(2, Math.floor(frames.length / 2))
  for (const [i, frame] of frames.entries()) {
    if (i === half) {
      const end = await playFault(call)
      if (end !== undefined) return end
    }
    if (isGone(response)) return 'client_gone'
    if (!response.write(frame)) await Promise.race([once(response, 'drain'), once(response, 'close')])
    await sleep(between(parts, parts.latency.chunkMs))
  }
  if (isGone(response)) return 'client_gone'
  response.end()
  return 'complete'
}

async function playFault(call: InferenceCall): Promise<StreamEnd | undefined> {
  if (call.faults.has('exception-mid-stream')) {
    const { response } = call.exchange
    response.end(encodeException('throttlingException', 'Too many tokens, please wait before trying again.'))
    return 'broken'
  }
  return playCut(call)
}

/** The faults that any kind of stream can have. */
export async function playCut(call: InferenceCall): Promise<StreamEnd | undefined> {
  if (call.faults.has('die-mid-stream')) {
    breakOff(call.exchange.response)
    return 'broken'
  }
  if (call.faults.has('truncate-stream')) {
    call.exchange.response.end()
    return 'broken'
  }
  return stalled(call)
}

/** Waits for a client that has to give up; at once when the call is not to stall. */
export async function stalled(call: InferenceCall): Promise<StreamEnd | undefined> {
  if (!call.faults.has('stall')) return undefined
  await untilGone(call.exchange.response)
  return 'client_gone'
}

function framesOf(parts: AccountParts, call: InferenceCall, model: ResolvedModel, answer: Answer): readonly Buffer[] {
  const pad = () => padding.slice(0, parts.random.between(4, padding.length))
  if (call.operation === 'ConverseStream')
    return converseEvents(answer, 420).map(([type, payload]) => encodeEvent(type, { ...payload, p: pad() }))
  return messageEvents(answer, model.base).map((event) => {
    const whole =
      event['type'] === 'message_stop'
        ? { ...event, 'amazon-bedrock-invocationMetrics': metricsOf(answer, 420, 120) }
        : event
    return encodeEvent('chunk', { bytes: Buffer.from(JSON.stringify(whole)).toString('base64'), p: pad() })
  })
}
