import { createHash, createHmac, type Hash, type Hmac, hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { Agent, createServer, request } from 'node:http'
import { join } from 'node:path'
import { SignatureV4 } from '@smithy/signature-v4'

// What the work itself costs on this runtime: a bare pipe; with a signature over the body; with a durable line before sending.

const [mode = 'pipe', upstream = '', dir = '.'] = process.argv.slice(2)
const target = new URL(upstream)
const agent = new Agent({ keepAlive: true })
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
const file: FileHandle | undefined = mode === 'durable' ? await open(join(dir, 'pipe.log'), 'a') : undefined
let waiting: { line: string; done(): void }[] = []
let syncing = false

/** Lines that come while a sync runs share the next one. */
function durable(line: string): Promise<void> {
  return new Promise((done) => {
    waiting.push({ line, done })
    if (!syncing) void sync()
  })
}

async function sync(): Promise<void> {
  syncing = true
  await Promise.resolve()
  while (waiting.length > 0) {
    const group = waiting
    waiting = []
    await file?.write(group.map(({ line }) => line).join(''))
    await file?.datasync()
    for (const { done } of group) done()
  }
  syncing = false
}

/** Node's SHA-256 in the shape the signer takes; each is used once. */
class NodeSha256 {
  readonly #hash: Hash | Hmac

  constructor(secret?: unknown) {
    const keyed = typeof secret === 'string' || secret instanceof Uint8Array
    this.#hash = keyed ? createHmac('sha256', secret) : createHash('sha256')
  }

  update(chunk: Uint8Array | string): void {
    this.#hash.update(chunk)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    throw new RangeError('used once')
  }
}

async function headersFor(path: string, body: Buffer): Promise<Record<string, string>> {
  const headers = { host: target.host, 'content-type': 'application/json', 'content-length': String(body.length) }
  if (mode === 'pipe') return headers
  const signer = new SignatureV4({ service: 'bedrock', region: 'us-east-1', credentials, sha256: NodeSha256 })
  const { headers: signed } = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname: target.hostname,
    path,
    headers: { ...headers, 'x-amz-content-sha256': hash('sha256', body) },
    body,
  })
  return signed
}

const server = createServer((incoming, response) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.once('end', async () => {
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
    const path = incoming.url ?? '/'
    const headers = await headersFor(path, body)
    if (file !== undefined) await durable(`${JSON.stringify({ at: performance.now(), path, bytes: body.length })}\n`)
    const options = { host: target.hostname, port: target.port, path, method: 'POST', headers, agent }
    const outgoing = request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    outgoing.once('error', () => response.destroy())
    outgoing.end(body)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 })
})
process.once('disconnect', () => process.exit(0))
