import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import type { Config } from '../config-schema.ts'
import type { HubServices } from '../hub-services.ts'
import { originsOf } from './guard.ts'
import { createWebApp } from './web-app.ts'

/** The console, listening. */
export interface RunningWeb {
  /** Where a browser opens it. */
  readonly url: string
  close(): Promise<void>
}

/** Built beside the program. */
const consoleDir = join(resolve(import.meta.dirname, '../../..'), 'console', 'dist')
const loopback = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/

/**
 * Serves console and API over TCP. Without `hub.publicUrl` only on this machine: what leaves it must be encrypted, by whatever
 * stands before it. Throws CONFIG_INVALID, LISTEN_FAILED.
 */
export async function serveWeb(hub: HubServices, config: Config['hub']): Promise<RunningWeb> {
  const { host, port } = config.listen
  if (config.publicUrl === undefined && !loopback.test(host))
    throw new TriptychError('CONFIG_INVALID', {
      key: 'hub.listen',
      reason: 'an address of another than this machine needs `hub.publicUrl`, an https address that leads to it',
    })
  let fetch: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 })
  const server = createAdaptorServer({ fetch: (request) => fetch(request), createServer })
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) =>
      fail(
        new TriptychError(
          'LISTEN_FAILED',
          { setting: 'hub.listen', address: `${host}:${port}`, reason: errnoOf(cause) ?? 'unknown' },
          cause,
        ),
      ),
    )
    server.listen(port, host, done)
  })
  const address = server.address()
  const actual = typeof address === 'object' && address !== null ? address.port : port
  const secure = config.publicUrl?.startsWith('https:') === true
  const app = createWebApp({ hub, origins: originsOf(host, actual, config.publicUrl), consoleDir, secure })
  fetch = app.fetch
  return {
    url: config.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
