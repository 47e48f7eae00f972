import { Hono } from 'hono'
import { coverageReport } from '../../../evidence/corroborate/coverage-report.ts'
import type { HubServices } from '../../hub-services.ts'
import { parseParams, parseWindow, windowOnly } from '../parse-query.ts'

/** Which layer could see what, and how the calls came out. */
export function coverageRoutes(hub: HubServices): Hono {
  const routes = new Hono()
  routes.get('/', async (context) => {
    const window = parseWindow(parseParams(windowOnly, context.req.query()), hub.clock.now())
    await hub.act('answer.given', { surface: 'api.coverage', who: 'socket-owner', filters: [] })
    return context.json({
      simulated: hub.status().simulated,
      ...(await coverageReport(hub.engine, window, 'api.coverage')),
    })
  })
  return routes
}
