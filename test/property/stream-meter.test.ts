import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerInvoke } from '../../simulator/src/account/answer.ts'
import { converseEvents, messageEvents, metricsOf } from '../../simulator/src/account/answer-shapes.ts'
import { encodeEvent, encodeException } from '../../simulator/src/account/event-stream.ts'
import { anthropicStream } from '../../src/capture/gateway/dialects/anthropic-stream.ts'
import { createBodyMeter } from '../../src/capture/gateway/meter/body-meter.ts'
import { createStreamMeter } from '../../src/capture/gateway/meter/stream-meter.ts'

const model = 'anthropic.claude-sonnet-4-5-20250929-v1:0'
const answerTo = (text: string) =>
  answerInvoke({ messages: [{ role: 'user', content: text }], max_tokens: 500, system: [{ cache_control: {} }] }, model)

function invokeStream(text: string): Buffer {
  const answer = answerTo(text)
  const events = messageEvents(answer, model).map((event) =>
    event['type'] === 'message_stop'
      ? { ...event, 'amazon-bedrock-invocationMetrics': metricsOf(answer, 400, 100) }
      : event,
  )
  return Buffer.concat(
    events.map((event) =>
      encodeEvent('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc' }),
    ),
  )
}

/** The same bytes, cut wherever the network likes. */
const cut = (bytes: Buffer, at: readonly number[]) => {
  const places = [...new Set(at.map((place) => place % bytes.length))].sort((a, b) => a - b)
  return [...places, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : places[i - 1], end))
}
const cuts = fc.array(fc.nat(), { maxLength: 12 })

test('usage and stop reason are read however the network cuts the stream', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), cuts, (text, at) => {
      const { usage, stopReason } = answerTo(text)
      const meter = createStreamMeter()
      for (const chunk of cut(invokeStream(text), at)) meter.chunk(chunk)
      expect(meter.end()).toMatchObject({
        inputTokens: usage.input,
        outputTokens: usage.output,
        cacheReadTokens: usage.cacheRead,
        cacheWriteTokens: usage.cacheWrite,
        stopReason,
        tokensFrom: 'invocation_metrics',
        complete: true,
        streamError: '',
      })
    }),
    { numRuns: 300 },
  )
})

test('ConverseStream is read from its metadata event', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), cuts, (text, at) => {
      const answer = answerTo(text)
      const bytes = Buffer.concat(converseEvents(answer, 400).map(([type, payload]) => encodeEvent(type, payload)))
      const meter = createStreamMeter()
      for (const chunk of cut(bytes, at)) meter.chunk(chunk)
      expect(meter.end()).toMatchObject({
        inputTokens: answer.usage.input,
        outputTokens: answer.usage.output,
        tokensFrom: 'usage_event',
        complete: true,
        stopReason: answer.stopReason,
      })
    }),
    { numRuns: 100 },
  )
})

test('a stream that is cut off anywhere is not complete, and what was read stays measured', () => {
  const whole = invokeStream('x')
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 1 }), (end) => {
      const meter = createStreamMeter()
      meter.chunk(whole.subarray(0, end))
      expect(meter.end()).toMatchObject({ complete: false, streamError: '' })
    }),
  )
})

test('an exception frame is named, and a frame that was changed ends the metering without a word to the client', () => {
  const meter = createStreamMeter()
  meter.chunk(encodeException('modelStreamErrorException', 'secret wording'))
  expect(meter.end()).toMatchObject({ streamError: 'modelStreamErrorException', complete: false })
  expect(JSON.stringify(meter.end())).not.toContain('secret')
  const whole = invokeStream('y')
  fc.assert(
    fc.property(fc.nat({ max: 200 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bad = Buffer.from(whole)
      bad[at] = (bad[at] ?? 0) ^ change
      const reader = createStreamMeter()
      reader.chunk(bad)
      expect(reader.end().complete).toBe(false)
    }),
  )
})

test('no bytes make a meter throw', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 5 }),
      fc.dictionary(fc.constantFrom('x-amzn-bedrock-input-token-count', 'content-type'), fc.string()),
      (chunks, headers) => {
        for (const meter of [createStreamMeter(), createBodyMeter(headers)]) {
          for (const chunk of chunks) meter.chunk(chunk)
          meter.end()
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('server-sent events say the same events, one by one, however the frames arrived', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 8 }), cuts, async (text, at) => {
      const { transform, observer } = anthropicStream()
      const meter = createStreamMeter(observer)
      const said: Buffer[] = []
      transform.on('data', (chunk: Buffer) => said.push(chunk))
      for (const chunk of cut(invokeStream(text), at)) {
        meter.chunk(chunk)
        transform.write(chunk)
      }
      transform.end()
      await new Promise((resolve) => transform.once('close', resolve))
      const events = Buffer.concat(said)
        .toString()
        .split('\n\n')
        .filter((part) => part !== '')
        .map((part) => JSON.parse(part.slice(part.indexOf('data: ') + 6)))
      expect(events).toEqual(JSON.parse(JSON.stringify(messageEvents(answerTo(text), model))))
    }),
    { numRuns: 100 },
  )
})
