import { Hono } from 'hono'
import { coverageReport } from '../../../evidence/corroborate/coverage-report.ts'
import type { HubServices } from '../../hub-services.ts'
import { type ApiEnv, noteAnswer, spanOf } from '../answer-context.ts'
import { paramsOf, parseParams, parseWindow, windowOnly } from '../parse-query.ts'

/** Which layer could see what, and how the calls came out. */
export function coverageRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.get('/', async (context) => {
    const window = parseWindow(parseParams(windowOnly, paramsOf(context)), hub.clock.now())
    await noteAnswer(hub, context, 'api.coverage')
    const report = await coverageReport(hub.engine, window, 'api.coverage')
    return context.json({ ...spanOf(hub, window), ...report, completeUntil: hub.completeUntil() })
  })
  return routes
}
