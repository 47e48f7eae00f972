import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { toProblem } from '../api/errors-to-http.ts'
import { createHubApi } from '../api/hub-api.ts'
import type { HubServices } from '../hub-services.ts'
import { guard, type Origins } from './guard.ts'

/** What the web side needs. */
export interface WebParts {
  readonly hub: HubServices
  readonly origins: Origins
  /** The built console. */
  readonly consoleDir: string
  readonly secure: boolean
}

/** The console and its API. Nothing is loaded from another origin, and no page may frame it. */
export function createWebApp(parts: WebParts): Hono {
  const web = new Hono()
  web.use(
    '*',
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      crossOriginOpenerPolicy: 'same-origin',
      xFrameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
      strictTransportSecurity: parts.secure,
    }),
  )
  web.get('/healthz', (context) => context.text('ok\n'))
  web.get('/readyz', (context) =>
    parts.hub.status().lastRunAt === '' ? context.text('starting\n', 503) : context.text('ready\n'),
  )
  web.use('*', guard(parts.origins))
  web.route('/', createHubApi(parts.hub, { via: 'tcp', secureCookie: parts.secure }))
  web.get(
    '/assets/*',
    serveStatic({
      root: parts.consoleDir,
      onFound: (_path, context) => context.header('cache-control', 'public, max-age=31536000, immutable'),
    }),
  )
  web.get('/favicon.svg', serveStatic({ root: parts.consoleDir }))
  // Pages have paths of their own, so that they can be linked to: the console itself decides which one it is.
  web.get('*', async (context) => {
    context.header('cache-control', 'no-store')
    return context.html(await readFile(join(parts.consoleDir, 'index.html'), 'utf8').catch(() => notBuilt))
  })
  web.onError((cause, context) => {
    const { status, body } = toProblem(cause)
    return context.json(body, status === 403 ? 403 : 500, { 'content-type': 'application/problem+json' })
  })
  return web
}

const notBuilt =
  '<!doctype html><title>Triptych</title><p>The console is not built: run <code>npm run build</code>.</p>'
