import { type Context, Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { socketOwner } from '../../access/caller.ts'
import type { HubServices } from '../../hub-services.ts'
import { type ApiEnv, callerOf, noteAnswer } from '../answer-context.ts'
import { LiveFeed } from '../live-feed.ts'
import { sessionOf } from './session.ts'

const lookEveryMs = 1_000
const beatEveryMs = 5_000
const mostStreams = 50

/** Calls as they are judged, by server-sent events. The act is written once per stream, and the stream ends with its session. */
export function liveRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  let open = 0
  routes.get('/live', async (context) => {
    if (open >= mostStreams) throw new TriptychError('STORE_LIMIT', { reason: 'too many live views' })
    await noteAnswer(hub, context, 'api.live')
    const feed = new LiveFeed(hub, context.req.header('last-event-id'))
    context.header('cache-control', 'no-store')
    open += 1
    return streamSSE(
      context,
      async (out) => {
        try {
          await follow(hub, context, feed, out)
        } finally {
          open -= 1
        }
      },
      // What stopped it ends the stream; the client comes back, and the reason is in its next answer.
      async () => undefined,
    )
  })
  return routes
}

async function follow(hub: HubServices, context: Context<ApiEnv>, feed: LiveFeed, out: SSEStreamingApi): Promise<void> {
  let lastBeat = Number.NEGATIVE_INFINITY
  if (feed.isTooOld) await out.writeSSE({ event: 'reset', data: '{}' })
  while (!out.aborted && !out.closed && isStillIn(hub, context)) {
    for await (const call of feed.fresh()) {
      if (out.aborted) return
      await out.writeSSE({ event: 'call', id: call.id, data: call.data })
    }
    if (performance.now() - lastBeat >= beatEveryMs) {
      lastBeat = performance.now()
      await out.writeSSE({ event: 'beat', data: JSON.stringify(beatOf(hub)) })
    }
    await out.sleep(lookEveryMs)
  }
}

/** Signing out, or the end of a session, ends what it has open. */
function isStillIn(hub: HubServices, context: Context<ApiEnv>): boolean {
  return callerOf(context) === socketOwner || sessionOf(hub, context) !== undefined
}

function beatOf(hub: HubServices) {
  return {
    at: new Date(hub.clock.now()).toISOString(),
    lastRunAt: hub.status().lastRunAt,
    completeUntil: hub.completeUntil(),
  }
}
