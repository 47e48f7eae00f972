import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { SignInError } from './sign-in-error.ts'

/** The place on this machine that the browser brings the provider's answer to (RFC 8252 §7.3). */
export interface Loopback {
  readonly redirectUri: string
  /** The first answer with the right state; there is no second one. Rejects with SIGN_IN_TIMED_OUT. */
  readonly answer: Promise<URL>
  close(): void
}

const path = '/callback'
const page = (text: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Triptych sign-in</title><p>${text}</p></html>\n`

/** Listens on 127.0.0.1; port 0 is any free one. Throws PORT_TAKEN. */
export async function listenForAnswer(state: string, port: number, timeoutMs: number): Promise<Loopback> {
  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 32 * 1024 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new SignInError('PORT_TAKEN', '', cause)))
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`
  const close = () => {
    server.close()
    // Browsers open connections ahead that never ask anything; they would keep this process.
    server.closeAllConnections()
  }
  const answer = new Promise<URL>((resolve, reject) => {
    const timer = setTimeout(() => reject(new SignInError('SIGN_IN_TIMED_OUT')), timeoutMs)
    let answered = false
    server.on('request', (request, response) => {
      const url = answered ? undefined : answerIn(request, host, state)
      if (url === undefined) return send(response, 400, 'This is not the answer that was waited for.')
      answered = true
      clearTimeout(timer)
      send(response, 200, 'The sign-in goes on in the terminal. You may close this page.', () => resolve(url))
    })
    server.once('close', () => clearTimeout(timer))
  })
  return { redirectUri: `http://${host}${path}`, answer, close }
}

/** Another page in the same browser can send anything here; without the state it is nobody's answer (RFC 6749 §10.12). */
function answerIn(request: IncomingMessage, host: string, state: string): URL | undefined {
  if (request.method !== 'GET' || request.headers.host !== host) return undefined
  if (!URL.canParse(request.url ?? '', `http://${host}`)) return undefined
  const url = new URL(request.url ?? '', `http://${host}`)
  if (url.host !== host || url.pathname !== path) return undefined
  const given = Buffer.from(url.searchParams.get('state') ?? '')
  const expected = Buffer.from(state)
  return given.length === expected.length && timingSafeEqual(given, expected) ? url : undefined
}

function send(response: ServerResponse, status: number, text: string, sent?: () => void): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    connection: 'close',
  })
  response.end(page(text), sent)
}
