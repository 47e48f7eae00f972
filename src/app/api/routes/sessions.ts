import { type Context, Hono } from 'hono'
import { listSessions, type SessionRow } from '../../../evidence/store/queries/sessions.ts'
import { graveVerdicts } from '../../../record/verdict.ts'
import type { HubServices } from '../../hub-services.ts'
import { type ApiEnv, noteAnswer, spanOf } from '../answer-context.ts'
import { csvCell } from '../csv-cell.ts'
import { paramsOf, parseParams, selectionOf, sessionParams } from '../parse-query.ts'

/** Sessions; what was said in one is a sensitive read. */
export function sessionListRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.get('/sessions', async (context) => {
    const { limit, format, ...filters } = parseParams(sessionParams, paramsOf(context))
    const selection = selectionOf(filters, hub.clock.now())
    await noteAnswer(hub, context, 'api.sessions', Object.keys(selection.filters))
    const found = await listSessions(hub.engine, selection, graveVerdicts, limit + 1, 'api.sessions')
    const sessions = found.slice(0, limit)
    if (format === 'csv') return csvOf(context, sessions)
    return context.json({ ...spanOf(hub, selection.window), limit, sessions, more: found.length > limit })
  })
  return routes
}

const exported = [
  'session',
  'who',
  'calls',
  'grave',
  'withContent',
  'agents',
  'costMicroUsd',
  'firstAt',
  'lastAt',
] as const

function csvOf(context: Context<ApiEnv>, sessions: readonly SessionRow[]) {
  const lines = sessions.map((row) =>
    [...exported.map((name) => row[name]), row.tokens.input, row.tokens.output, row.models.join(' ')]
      .map((value) => csvCell(value))
      .join(','),
  )
  context.header('content-type', 'text/csv; charset=utf-8')
  context.header('content-disposition', 'attachment; filename="sessions.csv"')
  return context.body(
    `${[[...exported, 'tokens.input', 'tokens.output', 'models'].join(','), ...lines].join('\r\n')}\r\n`,
  )
}
