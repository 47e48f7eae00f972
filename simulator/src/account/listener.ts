import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2'
import { createServer as createTcp, type Socket } from 'node:net'

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A loopback port. */
export interface Listener {
  readonly port: number
  close(): Promise<void>
}

const preface = 'PRI * HTTP/2.0'

/** HTTP/1.1 and HTTP/2 on one port, as Bedrock's endpoints speak both. Port 0, or one that is taken: any that is free. */
export async function listen(wanted: number, handler: Handler): Promise<Listener> {
  const sockets = new Set<Socket>()
  const sessions = new Set<ServerHttp2Session>()
  const http1 = createHttp1({ requestTimeout: 0 }, handler)
  // The compatibility layer has what the handlers use of an HTTP/1.1 exchange; its types only do not say so.
  const http2 = createHttp2((request, response) =>
    handler(request as unknown as IncomingMessage, response as unknown as ServerResponse),
  )
  http2.on('session', (session) => void sessions.add(session))
  const tcp = createTcp({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.once('readable', () => {
      const first: unknown = socket.read()
      if (!Buffer.isBuffer(first)) return
      socket.unshift(first)
      const version = first.toString('latin1', 0, preface.length) === preface ? http2 : http1
      version.emit('connection', socket)
    })
  })
  const on = (port: number) =>
    new Promise<boolean>((resolve) => {
      tcp.once('error', () => resolve(false))
      tcp.listen(port, '127.0.0.1', () => resolve(true))
    })
  if (!(await on(wanted))) await on(0)
  const address = tcp.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : wanted,
    close: () =>
      new Promise((resolve) => {
        tcp.close(() => resolve())
        for (const session of sessions) session.destroy()
        for (const socket of sockets) socket.destroy()
      }),
  }
}
