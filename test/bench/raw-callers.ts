import { connect, type Socket } from 'node:net'

/** One request, and over how many connections it is sent again and again. */
export interface RawLoad {
  readonly url: string
  readonly path: string
  readonly token: string
  readonly body: Buffer
  readonly connections: number
  /** Asked before each request; false ends the connection. */
  readonly more: () => boolean
}

/**
 * Sends the same bytes over and over, each connection one request after the other, and counts the answers: the least a client can
 * cost. Rejects at an answer that is not 200 or has no length.
 */
export async function callRaw(load: RawLoad): Promise<number> {
  const { hostname, port, host } = new URL(load.url)
  const head = `POST ${load.path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${load.token}\r\ncontent-type: application/json\r\ncontent-length: ${load.body.length}\r\n\r\n`
  const request = Buffer.concat([Buffer.from(head), load.body])
  const sockets = Array.from({ length: load.connections }, () =>
    connect({ host: hostname, port: Number(port), noDelay: true }),
  )
  try {
    const counts = await Promise.all(sockets.map((socket) => callOver(socket, request, load.more)))
    return counts.reduce((sum, count) => sum + count, 0)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

function callOver(socket: Socket, request: Buffer, more: () => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0
    let rest: Buffer = Buffer.alloc(0)
    const next = () => (more() ? socket.write(request) : resolve(answered))
    socket.on('data', (bytes: Buffer) => {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
      const length = lengthOf(rest)
      if (length === undefined || rest.length < length) return
      if (length < 0) return reject(new RangeError(rest.toString('latin1', 0, 200)))
      rest = Buffer.alloc(0)
      answered += 1
      next()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new RangeError('closed')))
    socket.once('connect', next)
  })
}

/** Of the whole answer; undefined while its head is not there, negative when it is none that counts. */
function lengthOf(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  return head.startsWith('HTTP/1.1 200') && length !== undefined ? end + 4 + Number(length) : -1
}

/** A small call: what a gateway costs by itself shows best where the body costs nothing. */
export const smallCall = {
  path: '/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke',
  body: Buffer.from(
    JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'x'.repeat(1_900) }],
    }),
  ),
}
