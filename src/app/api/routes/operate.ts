import { Hono } from 'hono'
import { storyOf } from '../../demo/story.ts'
import type { HubServices } from '../../hub-services.ts'
import type { ApiEnv } from '../answer-context.ts'

/** Where the program stands, and making the store again. */
export function operateRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.get('/status', async (context) => context.json({ ...hub.status(), ledger: await hub.ledgerStatus() }))
  routes.get('/story', async (context) => {
    const day = await hub.madeDay()
    return context.json({ day: day ?? null, steps: day === undefined ? [] : storyOf(day) })
  })
  routes.post('/rebuild', async (context) => context.json(await hub.rebuild()))
  routes.post('/archive/check', async (context) => context.json(await hub.checkArchive()))
  return routes
}
