import { Transform } from 'node:stream'
import { z } from 'zod'
import { parseJson } from '../../../platform/json/parse-json.ts'
import type { Frame } from '../meter/frames.ts'
import type { FrameObserver } from '../meter/meter.ts'
import { eventTextOf } from '../meter/stream-meter.ts'

const eventType = z.object({ type: z.string() })
const awsMetrics = 'amazon-bedrock-invocationMetrics'
const pingEveryMs = 15_000
const streamErrors = new Map([
  ['throttlingException', 'rate_limit_error'],
  ['serviceUnavailableException', 'overloaded_error'],
  ['validationException', 'invalid_request_error'],
])

/**
 * Event-stream frames in, server-sent events out (Anthropic API reference, Streaming Messages). The meter decodes the frames
 * once and shows them to `observer`; the transform swallows the raw bytes and sends what the frames said. A ping goes out when
 * nothing else did for 15 s: clients give up on a silent stream.
 */
export function anthropicStream(): { transform: Transform; observer: FrameObserver } {
  let pending = ''
  let quiet = true
  const transform = new Transform({
    // The frames of these bytes were observed just before: what they said goes on in their place.
    transform(_raw, _encoding, done) {
      const text = pending
      pending = ''
      if (text !== '') quiet = false
      done(null, text)
    },
    flush(done) {
      clearInterval(ping)
      done(null, pending)
    },
    destroy(error, done) {
      clearInterval(ping)
      done(error)
    },
  })
  const ping = setInterval(() => {
    if (quiet && !transform.writableEnded) transform.push('event: ping\ndata: {"type": "ping"}\n\n')
    quiet = true
  }, pingEveryMs)
  ping.unref()
  const observer: FrameObserver = {
    frame(frame) {
      pending += toServerSentEvent(frame) ?? ''
    },
  }
  return { transform, observer }
}

function toServerSentEvent(frame: Frame): string | undefined {
  if (frame.messageType !== 'event') return errorEvent(frame)
  const text = frame.eventType === 'chunk' ? eventTextOf(frame.payload) : undefined
  if (text === undefined) return undefined
  const event = parseJson(text)
  const type = eventType.safeParse(event).data?.type
  if (type === undefined) return undefined
  return `event: ${type}\ndata: ${type === 'message_stop' ? JSON.stringify(withoutAwsMetrics(event)) : text}\n\n`
}

function errorEvent(frame: Frame): string {
  const wording = z.object({ message: z.string() }).safeParse(parseJson(Buffer.from(frame.payload).toString('utf8')))
  const error = {
    type: streamErrors.get(frame.exceptionType) ?? 'api_error',
    message: wording.data?.message ?? frame.exceptionType,
  }
  return `event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`
}

function withoutAwsMetrics(event: unknown): unknown {
  if (typeof event !== 'object' || event === null) return event
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== awsMetrics))
}
