import { Hono } from 'hono'
import { streamText } from 'hono/streaming'
import { asTriptychError } from '../../../platform/triptych-error.ts'
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
  routes.post('/rebuild', (context) => {
    context.header('content-type', 'application/x-ndjson')
    return streamText(context, async (stream) => {
      const say = (line: object) => stream.writeln(JSON.stringify(line))
      try {
        const rebuilt = await hub.rebuild((soFar) => say({ ...soFar, done: false }))
        await say({ ...rebuilt, done: true })
      } catch (cause) {
        // The status has been sent: what stopped the work is its last line.
        const { code, message, fix } = asTriptychError(cause)
        await say({ error: { code, message: `${message}; ${fix}` } })
      }
    })
  })
  routes.post('/archive/check', async (context) => context.json(await hub.checkArchive()))
  return routes
}
