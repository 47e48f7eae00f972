import { createServer } from 'node:http'

// The least an upstream can do, in a process of its own: read the body, answer a fixed message at once.

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
const server = createServer((request, response) => {
  request.resume()
  request.once('end', () => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(message)),
      'x-amzn-requestid': '00000000-0000-4000-8000-000000000000',
      'x-amzn-bedrock-input-token-count': '20000',
      'x-amzn-bedrock-output-token-count': '200',
    })
    response.end(message)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 })
})
process.once('disconnect', () => process.exit(0))
