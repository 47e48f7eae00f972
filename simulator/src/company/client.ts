import { Agent, request } from 'node:http'

/** What came back; a client that hung up by itself has status 0. */
export interface ClientAnswer {
  readonly status: number
  readonly requestId: string
  readonly awsRequestId: string
  readonly bytes: number
}

/** A request of the company to the gateway or to AWS. */
export interface Sending {
  readonly base: string
  readonly path: string
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** Hangs up after so many answer bytes. */
  readonly hangUpAfterBytes?: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const nothing: ClientAnswer = { status: 0, requestId: '', awsRequestId: '', bytes: 0 }

/** Sends and reads to the end. Never rejects: a broken connection is an answer of status 0. */
export function send(sending: Sending): Promise<ClientAnswer> {
  return new Promise((resolve) => {
    const url = new URL(sending.base)
    const outgoing = request(
      {
        agent,
        hostname: url.hostname,
        port: url.port,
        path: sending.path,
        method: sending.method ?? 'POST',
        headers: {
          ...sending.headers,
          ...(sending.body === undefined ? {} : { 'content-length': String(sending.body.length) }),
        },
      },
      (answer) => {
        let bytes = 0
        const done = () =>
          resolve({
            status: answer.statusCode ?? 0,
            requestId: String(answer.headers['request-id'] ?? ''),
            awsRequestId: String(answer.headers['x-amzn-requestid'] ?? ''),
            bytes,
          })
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (sending.hangUpAfterBytes !== undefined && bytes >= sending.hangUpAfterBytes) {
            outgoing.destroy()
            resolve({ ...nothing, bytes })
          }
        })
        answer.once('end', done)
        answer.once('close', done)
        answer.once('error', done)
      },
    )
    outgoing.once('error', () => resolve(nothing))
    outgoing.end(sending.body)
  })
}
