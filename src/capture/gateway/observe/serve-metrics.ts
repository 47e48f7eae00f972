import { createServer } from 'node:http'
import { errnoOf, TriptychError } from '../../../platform/triptych-error.ts'

/** Serves `/metrics` on a port of its own, which need not be reachable by clients. Throws LISTEN_FAILED. */
export async function serveMetrics(
  listen: { readonly host: string; readonly port: number },
  registry: { metrics(): Promise<string>; readonly contentType: string },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end()
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  const address = `${listen.host}:${listen.port}`
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new TriptychError(
          'LISTEN_FAILED',
          { setting: 'gateway.metrics', address, reason: errnoOf(cause) ?? 'unknown' },
          cause,
        ),
      ),
    )
    server.listen(listen.port, listen.host, resolve)
  })
  const actual = server.address()
  const port = typeof actual === 'object' && actual !== null ? actual.port : listen.port
  return {
    url: `http://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}/metrics`,
    close: () => new Promise((done) => void server.close(() => done())),
  }
}
