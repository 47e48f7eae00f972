import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { HubServices } from '../hub-services.ts'
import { toProblem } from './errors-to-http.ts'
import { askRoutes } from './routes/ask.ts'
import { callRoutes } from './routes/calls.ts'
import { coverageRoutes } from './routes/coverage.ts'
import { ingestRoutes } from './routes/ingest.ts'
import { operateRoutes } from './routes/operate.ts'

/** `/api/v1`. Every answer about calls is an act in the hub's journal before it is given. */
export function createHubApi(hub: HubServices): Hono {
  const api = new Hono().basePath('/api/v1')
  api.route('/calls', callRoutes(hub))
  api.route('/coverage', coverageRoutes(hub))
  api.route('/ask', askRoutes(hub))
  api.route('/ingest', ingestRoutes(hub))
  api.route('/', operateRoutes(hub))
  api.onError((cause, context) => {
    const { status, body } = toProblem(cause)
    return context.json(body, toStatus(status), { 'content-type': 'application/problem+json' })
  })
  api.notFound((context) => context.json({ code: 'RESOURCE_NOT_FOUND', title: 'no such path', status: 404 }, 404))
  return api
}

function toStatus(status: number): ContentfulStatusCode {
  const known: readonly ContentfulStatusCode[] = [400, 401, 403, 404, 409, 410, 413, 429, 500, 502, 503]
  return known.find((code) => code === status) ?? 500
}
