import { createServer } from 'node:http'
import { encodeEvent } from '../../simulator/src/account/event-stream.ts'

// An upstream that streams: so many chunks, so far apart, each with the moment at which it was sent on the machine's monotonic clock.

const [chunks = 64, everyMs = 20] = process.argv.slice(2).map(Number)
const requestId = '00000000-0000-4000-8000-000000000000'

const usage = { input_tokens: 20_000, output_tokens: chunks }
const metrics = { inputTokenCount: 20_000, outputTokenCount: chunks, invocationLatency: 400, firstByteLatency: 100 }

function eventOf(n: number): object {
  if (n === 0) return { type: 'message_start', message: { id: 'msg_bdrk_0', role: 'assistant', usage } }
  if (n === chunks - 2) return { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage }
  if (n === chunks - 1) return { type: 'message_stop', 'amazon-bedrock-invocationMetrics': metrics }
  return { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a word or two' } }
}

const encoded = Array.from({ length: chunks }, (_, n) => Buffer.from(JSON.stringify(eventOf(n))).toString('base64'))

const server = createServer((request, response) => {
  const send = (n: number) => {
    if (response.destroyed) return
    response.write(encodeEvent('chunk', { bytes: encoded[n], p: String(process.hrtime.bigint()) }))
    if (n + 1 === chunks) response.end()
    else setTimeout(send, everyMs, n + 1)
  }
  request.resume()
  request.once('end', () => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': requestId })
    send(0)
  })
})
// Longer than a round: a connection that is closed the moment it is used again would be another figure.
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 })
})
process.once('disconnect', () => process.exit(0))
