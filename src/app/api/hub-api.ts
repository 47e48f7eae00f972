import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { TriptychError } from '../../platform/triptych-error.ts'
import { type Caller, socketOwner } from '../access/caller.ts'
import { mayDo, rolesFor } from '../access/permissions.ts'
import type { HubServices } from '../hub-services.ts'
import type { ApiEnv } from './answer-context.ts'
import { toProblem } from './errors-to-http.ts'
import { openApi } from './openapi.ts'
import { routeFor } from './route-table.ts'
import { askRoutes } from './routes/ask.ts'
import { callRoutes } from './routes/calls.ts'
import { contentLoggingRoutes } from './routes/content-logging.ts'
import { countRoutes } from './routes/counts.ts'
import { coverageRoutes } from './routes/coverage.ts'
import { exportRoutes } from './routes/export.ts'
import { ingestRoutes } from './routes/ingest.ts'
import { ledgerRoutes } from './routes/ledger.ts'
import { liveRoutes } from './routes/live.ts'
import { operateRoutes } from './routes/operate.ts'
import { sensitiveRoutes } from './routes/sensitive.ts'
import { sessionOf, sessionRoutes } from './routes/session.ts'
import { sessionListRoutes } from './routes/sessions.ts'

/** How requests come in: over the owner's socket, or over TCP, where everybody must sign in. */
export type ApiDoor = { readonly via: 'socket' } | { readonly via: 'tcp'; readonly secureCookie: boolean }

const base = '/api/v1'
/** A reason, a path, a link: nothing that is sent here is large. */
const mostBodyBytes = 64 * 1024

/** `/api/v1`. Nothing is served that the route table does not list; every answer about calls is an act before it is given. */
export function createHubApi(hub: HubServices, door: ApiDoor): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>().basePath(base)
  api.use('*', admission(hub, door))
  api.use(
    '*',
    bodyLimit({
      maxSize: mostBodyBytes,
      onError: () => {
        throw new TriptychError('REQUEST_TOO_LARGE', { most: mostBodyBytes })
      },
    }),
  )
  api.get('/openapi.json', (context) => context.json(openApi()))
  api.route('/', sessionRoutes(hub, door.via === 'tcp' && door.secureCookie))
  api.route('/', countRoutes(hub))
  api.route('/', exportRoutes(hub))
  api.route('/', sensitiveRoutes(hub))
  api.route('/', sessionListRoutes(hub))
  api.route('/', ledgerRoutes(hub))
  api.route('/', contentLoggingRoutes(hub))
  api.route('/', liveRoutes(hub))
  api.route('/calls', callRoutes(hub))
  api.route('/coverage', coverageRoutes(hub))
  api.route('/ask', askRoutes(hub))
  api.route('/ingest', ingestRoutes(hub))
  api.route('/', operateRoutes(hub))
  api.onError((cause, context) => {
    const { status, body } = toProblem(cause)
    return context.json(body, toStatus(status), { 'content-type': 'application/problem+json' })
  })
  api.notFound((context) => context.json(toProblem(noSuchPath()).body, 404))
  return api
}

/** Deny by default: the route must be listed, somebody must be signed in, and one of their roles must be enough. */
function admission(hub: HubServices, door: ApiDoor) {
  return createMiddleware<ApiEnv>(async (context, next): Promise<Response | undefined> => {
    const row = routeFor(context.req.method, context.req.path.slice(base.length))
    if (row === undefined) throw noSuchPath()
    const caller: Caller | undefined = door.via === 'socket' ? socketOwner : sessionOf(hub, context)
    if (row.permission !== 'open') {
      if (caller === undefined) throw new TriptychError('SESSION_REQUIRED')
      if (!mayDo(caller, row.permission))
        throw new TriptychError('ROLE_REQUIRED', {
          role: rolesFor(row.permission).join(' or ') || 'the owner of the socket',
        })
    }
    if (caller !== undefined) context.set('caller', caller)
    // Hono runs GET for HEAD and drops what is streamed: the writer would wait for ever.
    if (context.req.method === 'HEAD' && row.types !== undefined) return context.body(null)
    await next()
    return undefined
  })
}

function noSuchPath(): TriptychError {
  return new TriptychError('RESOURCE_NOT_FOUND', { kind: 'path' })
}

function toStatus(status: number): ContentfulStatusCode {
  const known: readonly ContentfulStatusCode[] = [400, 401, 403, 404, 409, 410, 413, 429, 500, 502, 503]
  return known.find((code) => code === status) ?? 500
}
