import { createServer } from 'node:http'
import { answerInvoke } from '../../simulator/src/account/answer.ts'
import { messageEvents, metricsOf } from '../../simulator/src/account/answer-shapes.ts'
import { encodeEvent } from '../../simulator/src/account/event-stream.ts'

// The least an upstream can do, in a process of its own: read the body, answer a fixed message at once, or stream one in pieces.

const message = JSON.stringify({
  id: 'msg_bdrk_0',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [{ type: 'text', text: 'ok '.repeat(200) }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 20_000, output_tokens: 200 },
})
const requestId = '00000000-0000-4000-8000-000000000000'
const model = 'anthropic.claude-haiku-4-5-20251001-v1:0'
const answer = answerInvoke({ messages: [{ role: 'user', content: 'x' }], max_tokens: 120 }, model)
const frames = messageEvents(answer, model).map((event) => {
  const metrics = { 'amazon-bedrock-invocationMetrics': metricsOf(answer, 400, 100) }
  const whole = event['type'] === 'message_stop' ? { ...event, ...metrics } : event
  return encodeEvent('chunk', { bytes: Buffer.from(JSON.stringify(whole)).toString('base64'), p: 'abc' })
})
const frameEveryMs = 4

const server = createServer((request, response) => {
  request.resume()
  request.once('end', () => {
    if (request.url?.endsWith('-response-stream') === true) {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': requestId })
      sendFrames(0)
      return
    }
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(message)),
      'x-amzn-requestid': requestId,
      'x-amzn-bedrock-input-token-count': '20000',
      'x-amzn-bedrock-output-token-count': '200',
    })
    response.end(message)
  })
  const sendFrames = (next: number) => {
    const frame = frames[next]
    if (frame === undefined || response.destroyed) return void response.end()
    response.write(frame)
    setTimeout(() => sendFrames(next + 1), frameEveryMs)
  }
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 })
})
process.once('disconnect', () => process.exit(0))
