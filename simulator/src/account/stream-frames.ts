// Frames of application/vnd.amazon.eventstream, and of text/event-stream for the Anthropic route.
import { EventStreamCodec } from '@smithy/eventstream-codec'
import type { Answer } from './answer.ts'
import { anthropicEvents } from './anthropic-shapes.ts'
import { converseEvents } from './converse-shapes.ts'
import type { JsonObject } from './json.ts'
import { Random } from './random.ts'

const toUtf8 = (input: Uint8Array | string): string => (typeof input === 'string' ? input : Buffer.from(input).toString('utf8'))
const codec = new EventStreamCodec(toUtf8, (text) => new Uint8Array(Buffer.from(text)))
const padAlphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

const text = (value: string): { type: 'string'; value: string } => ({ type: 'string', value })

/** One event frame with valid checksums. */
export function eventFrame(eventType: string, payload: JsonObject): Buffer {
  const headers = {
    ':event-type': text(eventType),
    ':content-type': text('application/json'),
    ':message-type': text('event'),
  }
  return Buffer.from(codec.encode({ headers, body: new Uint8Array(Buffer.from(JSON.stringify(payload))) }))
}

/** An exception frame, the way a stream fails after its status 200 is gone. */
export function exceptionFrame(exceptionType: string, message: string): Buffer {
  const headers = {
    ':exception-type': text(exceptionType),
    ':content-type': text('application/json'),
    ':message-type': text('exception'),
  }
  return Buffer.from(codec.encode({ headers, body: new Uint8Array(Buffer.from(JSON.stringify({ message }))) }))
}

/** The frames of InvokeModelWithResponseStream: one chunk per Anthropic event, padded by `p` as AWS does. */
export function invokeFrames(answer: Answer): Buffer[] {
  const random = new Random(answer.padSeed)
  return anthropicEvents(answer, true).map((event) => {
    const bytes = Buffer.from(JSON.stringify(event)).toString('base64')
    return eventFrame('chunk', { bytes, p: padAlphabet.slice(0, random.between(2, padAlphabet.length)) })
  })
}

/** The frames of ConverseStream, padded likewise. */
export function converseFrames(answer: Answer): Buffer[] {
  const random = new Random(answer.padSeed)
  return converseEvents(answer).map(({ name, payload }) =>
    eventFrame(name, { ...payload, p: padAlphabet.slice(0, random.between(2, padAlphabet.length)) }),
  )
}

/** The server-sent events of POST /anthropic/v1/messages, a ping after the first as Anthropic does. */
export function sseEvents(answer: Answer): Buffer[] {
  const sse = (event: JsonObject): Buffer => Buffer.from(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`)
  const [start, ...rest] = anthropicEvents(answer, false)
  return [...(start === undefined ? [] : [sse(start)]), sse({ type: 'ping' }), ...rest.map(sse)]
}
