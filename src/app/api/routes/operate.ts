import { Hono } from 'hono'
import type { HubServices } from '../../hub-services.ts'

/** Where the program stands, and making the store again. */
export function operateRoutes(hub: HubServices): Hono {
  const routes = new Hono()
  routes.get('/status', async (context) => context.json({ ...hub.status(), ledger: await hub.ledgerStatus() }))
  routes.post('/rebuild', async (context) => context.json(await hub.rebuild()))
  routes.post('/archive/check', async (context) => context.json(await hub.checkArchive()))
  return routes
}
