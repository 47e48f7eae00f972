import { createServer as createHttp1, type IncomingHttpHeaders } from 'node:http'
import { constants, createServer as createHttp2, type ServerHttp2Session } from 'node:http2'
import { createServer as createTcp, type Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import type { PeerCertificate } from 'node:tls'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import { takeProxyHeader } from './proxy-header.ts'
import { createTlsSide, type TlsFiles } from './tls-server.ts'

/** A request of either HTTP version, by what the gateway uses of it. */
export interface ClientRequest {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  on(event: 'error', listener: (cause: unknown) => void): unknown
  once(event: 'end' | 'close', listener: () => void): unknown
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly httpVersionMajor: number
  readonly complete: boolean
  /** The connection; on HTTP/2 it is shared and says nothing of one exchange. */
  readonly socket: {
    readonly destroyed: boolean
    /** With TLS: whether a client certificate was sent and verified, and what it says. */
    readonly authorized?: boolean
    getPeerCertificate?(): Partial<PeerCertificate>
    once(event: 'close', listener: () => void): unknown
    off(event: 'close', listener: () => void): unknown
  }
  resume(): unknown
}

/** An answer of either HTTP version. */
export type ClientResponse = Writable & {
  readonly headersSent: boolean
  writeHead(status: number, headers: Readonly<Record<string, string | string[]>>): unknown
  /** HTTP/1.1 only; HTTP/2 sends its head at once. */
  flushHeaders?(): void
  /** HTTP/2 only. */
  readonly stream?: { readonly destroyed: boolean; close(code: number): void }
}

/** Breaks an answer off so that the client sees it is not whole: a reset stream, a closed connection. */
export function cutOff(response: ClientResponse): void {
  if (response.stream === undefined) response.destroy()
  else response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
}

/**
 * Calls `gone` when the client leaves, at once if it has left; the answer takes it back. On HTTP/1.1 the connection is watched
 * too: an answer that is queued behind another (pipelining) hears nothing of its own.
 */
export function onClientGone(request: ClientRequest, response: ClientResponse, gone: () => void): () => void {
  const watchSocket = request.httpVersionMajor === 1
  if (response.destroyed === true || response.stream?.destroyed === true || (watchSocket && request.socket.destroyed))
    gone()
  response.once('close', gone)
  if (watchSocket) request.socket.once('close', gone)
  return () => {
    response.off('close', gone)
    if (watchSocket) request.socket.off('close', gone)
  }
}

/** Serves one exchange; never rejects. */
export type Exchange = (request: ClientRequest, response: ClientResponse) => void

/** A port that is listened on. */
export interface ClientListener {
  readonly port: number
  /** Takes no new connections, and lets those that are there end with what they are doing. */
  stopAccepting(): void
  /** How many are open. */
  connections(): number
  /** Ends every connection, whatever it does. */
  destroyAll(): void
}

/** The first bytes of HTTP/2 with prior knowledge (RFC 9113 §3.4); the AWS SDK for JavaScript speaks it to Bedrock. */
const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const keepAliveMs = 65_000
/** A connection must show what it speaks, and a whole head, within this. */
const headWithinMs = 15_000
const idleSessionMs = 300_000
const mostConnections = 20_000

/** How connections come. */
export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** Without it clients speak in clear: on loopback, or behind a balancer that ends TLS. */
  readonly tls?: TlsFiles | undefined
  /** Every connection begins with a PROXY protocol header; one that does not is closed. */
  readonly proxyProtocol?: boolean | undefined
}

/** Listens for HTTP/1.1 and HTTP/2 on one port. Throws LISTEN_FAILED with the errno, and FILE_UNREADABLE for TLS files. */
export async function listenForClients(listen: ListenOptions, exchange: Exchange): Promise<ClientListener> {
  const sockets = new Set<Socket>()
  const http = createHttpSides(exchange)
  const tls =
    listen.tls === undefined
      ? undefined
      : await createTlsSide(listen.tls, (socket, isHttp2) => {
          socket.on('error', () => socket.destroy())
          http.serve(socket, isHttp2)
        })
  const begin = (socket: Socket) => {
    if (tls === undefined) chooseVersion(socket, (isHttp2) => http.serve(socket, isHttp2))
    else {
      // The raw socket sees nothing of what passes above it; the handshake has a time of its own.
      socket.setTimeout(0)
      tls.accept(socket)
    }
  }
  // A client may close its own half and still wait for the answer, as HTTP/1.1 servers of Node allow.
  const tcp = createTcp({ noDelay: true, keepAlive: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setTimeout(headWithinMs, () => socket.destroy())
    if (listen.proxyProtocol === true) takeProxyHeader(socket, (valid) => (valid ? begin(socket) : socket.destroy()))
    else begin(socket)
  })
  tcp.maxConnections = mostConnections
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', (cause) => {
      reject(
        new TriptychError(
          'LISTEN_FAILED',
          { setting: 'gateway.listen', address: `${listen.host}:${listen.port}`, reason: errnoOf(cause) ?? 'unknown' },
          cause,
        ),
      )
    })
    tcp.listen(listen.port, listen.host, resolve)
  })
  const address = tcp.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : listen.port,
    connections: () => sockets.size,
    stopAccepting() {
      tcp.close()
      tls?.close()
      http.stop()
    },
    destroyAll() {
      http.destroySessions()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** The servers of both versions; connections are handed to them. */
function createHttpSides(exchange: Exchange) {
  const sessions = new Set<ServerHttp2Session>()
  let stopping = false
  const http1 = createHttp1(
    { requestTimeout: 0, headersTimeout: headWithinMs, keepAliveTimeout: keepAliveMs },
    (request, response) => {
      // A client that would use the connection again has to know that it cannot.
      if (stopping) response.shouldKeepAlive = false
      exchange(request, response)
    },
  )
  // It is never told to listen, and starts watching its connections' heads only then.
  http1.emit('listening')
  const http2 = createHttp2({}, exchange)
  http2.on('session', (session) => {
    sessions.add(session)
    session.setTimeout(idleSessionMs, () => session.close())
    session.once('close', () => sessions.delete(session))
  })
  return {
    serve(socket: Socket, isHttp2: boolean) {
      socket.setTimeout(0)
      socket.removeAllListeners('timeout')
      if (isHttp2) socket.once('end', () => socket.end())
      ;(isHttp2 ? http2 : http1).emit('connection', socket)
    },
    stop() {
      stopping = true
      http1.close()
      for (const session of sessions) session.close()
    },
    destroySessions() {
      for (const session of sessions) session.destroy()
    },
  }
}

/** Looks at the first bytes, gives them back, and says which version they begin. */
function chooseVersion(socket: Readable, chosen: (isHttp2: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0)
  const look = () => {
    for (let chunk: unknown = socket.read(); Buffer.isBuffer(chunk); chunk = socket.read())
      seen = Buffer.concat([seen, chunk])
    const known = Math.min(seen.length, http2Preface.length)
    const matches = known > 0 && seen.subarray(0, known).equals(http2Preface.subarray(0, known))
    if (known === 0 || (matches && known < http2Preface.length)) return
    socket.off('readable', look)
    socket.unshift(seen)
    chosen(matches)
  }
  socket.on('readable', look)
}
