import { z } from 'zod'
import { parseJson } from '../../../platform/json/parse-json.ts'
import type { Frame } from './frames.ts'
import { FrameReader } from './frames.ts'
import type { FrameObserver, Meter } from './meter.ts'
import { finish, type Reading, readStopReason, readUsage } from './usage.ts'

const chunkSchema = z.object({ bytes: z.string() })
const eventSchema = z.object({
  type: z.string(),
  message: z.object({ usage: z.unknown() }).optional(),
  usage: z.unknown().optional(),
  delta: z.object({ stop_reason: z.unknown().optional() }).optional(),
  'amazon-bedrock-invocationMetrics': z.unknown().optional(),
})
const converseMetadata = z.object({ usage: z.unknown() })
const converseStop = z.object({ stopReason: z.unknown() })

/** Event types that carry numbers; the text deltas between them are not parsed. */
const telling = /"type"\s*:\s*"message_(start|delta|stop)"/

/**
 * Reads an AWS event stream: `chunk` frames with Anthropic events (InvokeModelWithResponseStream) or Converse's own events.
 * A frame that cannot be read ends the metering with `streamError: unreadable_frame`; the bytes flow on.
 */
export function createStreamMeter(observer?: FrameObserver): Meter {
  const frames = new FrameReader()
  const reading: Reading = {}
  let broken = false
  return {
    chunk(bytes) {
      if (broken) return
      try {
        for (const frame of frames.push(bytes)) {
          readFrame(frame, reading)
          observer?.frame(frame)
        }
      } catch {
        broken = true
        reading.streamError = 'unreadable_frame'
      }
    },
    end: () => finish(reading),
  }
}

function readFrame(frame: Frame, reading: Reading): void {
  if (frame.messageType === 'exception' || frame.messageType === 'error') {
    reading.streamError = /^[A-Za-z0-9_.-]{1,96}$/.test(frame.exceptionType) ? frame.exceptionType : 'malformed'
    return
  }
  if (frame.eventType === 'chunk') readChunk(frame.payload, reading)
  else if (frame.eventType === 'metadata') readMetadata(frame.payload, reading)
  else if (frame.eventType === 'messageStop')
    readStopReason(converseStop.safeParse(jsonOf(frame.payload)).data?.stopReason, reading)
}

function readChunk(payload: Uint8Array, reading: Reading): void {
  const text = eventTextOf(payload)
  if (text === undefined || !telling.test(text)) return
  const event = eventSchema.safeParse(parseJson(text))
  if (!event.success) return
  const { type, message, usage, delta } = event.data
  if (type === 'message_start') {
    readUsage('anthropic', message?.usage, reading)
    // What was generated so far, which is nothing yet: of a stream that breaks off it would look like its whole output.
    delete reading.outputTokens
  }
  if (type === 'message_delta') {
    readUsage('anthropic', usage, reading)
    readStopReason(delta?.stop_reason, reading)
  }
  if (reading.tokensFrom === undefined && reading.inputTokens !== undefined) reading.tokensFrom = 'usage_event'
  if (type !== 'message_stop') return
  reading.complete = true
  if (readUsage('invocationMetrics', event.data['amazon-bedrock-invocationMetrics'], reading))
    reading.tokensFrom = 'invocation_metrics'
}

function readMetadata(payload: Uint8Array, reading: Reading): void {
  const event = converseMetadata.safeParse(jsonOf(payload))
  if (!event.success) return
  readUsage('converse', event.data.usage, reading)
  reading.tokensFrom = 'usage_event'
  reading.complete = true
}

/** The Anthropic event inside a `chunk` frame, as text; undefined when the frame has none. */
export function eventTextOf(payload: Uint8Array): string | undefined {
  const chunk = chunkSchema.safeParse(jsonOf(payload))
  return chunk.success ? Buffer.from(chunk.data.bytes, 'base64').toString('utf8') : undefined
}

function jsonOf(payload: Uint8Array): unknown {
  return parseJson(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'))
}
