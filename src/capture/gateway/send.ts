import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type ClientRequest as OutgoingRequest,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'

/** What goes out. */
export interface Outgoing {
  readonly method: 'GET' | 'POST'
  readonly endpoint: URL
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Sends over pooled connections. */
export interface Sender {
  /**
   * The answer's head. `mayResend` is asked, and awaited, before the one re-send that is allowed: a pooled socket failed before
   * a byte was written. Throws GATEWAY_UPSTREAM_FAILED with the errno.
   */
  send(outgoing: Outgoing, signal: AbortSignal, mayResend: () => Promise<boolean>): Promise<IncomingMessage>
  close(): void
}

/** Below AWS's 350 s idle time-out of NAT and endpoints; probes keep a long silent generation alive. */
const keepAliveProbeMs = 60_000

/** A sender with pools of its own. */
export function createSender(): Sender {
  const options = {
    keepAlive: true,
    keepAliveMsecs: keepAliveProbeMs,
    timeout: 0,
    maxFreeSockets: 512,
    scheduling: 'lifo' as const,
  }
  const http = new HttpAgent(options)
  const https = new HttpsAgent(options)
  const agentOf = (url: URL) => (url.protocol === 'https:' ? https : http)
  return {
    async send(outgoing, signal, mayResend) {
      const first = await attempt(outgoing, agentOf(outgoing.endpoint), signal)
      if (first.kind === 'answer') return first.answer
      if (!first.nothingWritten || signal.aborted || !(await mayResend())) throw first.error
      const second = await attempt(outgoing, agentOf(outgoing.endpoint), signal)
      if (second.kind === 'answer') return second.answer
      throw second.error
    },
    close() {
      http.destroy()
      https.destroy()
    },
  }
}

type Attempt =
  | { readonly kind: 'answer'; readonly answer: IncomingMessage }
  | { readonly kind: 'failed'; readonly error: TriptychError; readonly nothingWritten: boolean }

function attempt(outgoing: Outgoing, agent: HttpAgent, signal: AbortSignal): Promise<Attempt> {
  const request = open(outgoing, agent)
  letGoBy(signal, request)
  const answer = answerTo(request)
  request.end(outgoing.body)
  return answer
}

/** A function of its own: its listeners live as long as the answer, and must not hold the body. */
function answerTo(request: OutgoingRequest): Promise<Attempt> {
  return new Promise((resolve) => {
    let writtenBefore: number | undefined
    request.once('socket', (socket) => {
      writtenBefore = socket.bytesWritten
      socket.setTimeout(0)
    })
    request.once('response', (answer) => resolve({ kind: 'answer', answer }))
    // `on`, not `once`: a socket may fail a second time after the answer's head, and the answer itself says so.
    request.on('error', (cause) => {
      const written = request.socket?.bytesWritten ?? 0
      const nothingWritten = request.reusedSocket && writtenBefore !== undefined && written <= writtenBefore
      const error = new TriptychError('GATEWAY_UPSTREAM_FAILED', { reason: errnoOf(cause) ?? 'unknown' }, cause)
      resolve({ kind: 'failed', error, nothingWritten })
    })
  })
}

function open(outgoing: Outgoing, agent: HttpAgent): OutgoingRequest {
  const { method, endpoint, path, headers } = outgoing
  const options = { method, hostname: endpoint.hostname, port: endpoint.port, path, headers, agent }
  return endpoint.protocol === 'https:' ? httpsRequest(options) : httpRequest(options)
}

/** Ends the request when the signal says so. Node's own option does the same with a dozen listeners on every request. */
function letGoBy(signal: AbortSignal, request: OutgoingRequest): void {
  const letGo = () => request.destroy(new LetGo())
  if (signal.aborted) return void letGo()
  signal.addEventListener('abort', letGo, { once: true })
  // Its socket may be another's by then.
  request.once('close', () => signal.removeEventListener('abort', letGo))
}

/** Under the code that Node gives a request whose signal was aborted. */
class LetGo extends Error {
  readonly code = 'ABORT_ERR'
}
