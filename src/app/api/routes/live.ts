import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { type CallRow, callsJudgedSince } from '../../../evidence/store/queries/list-calls.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import type { HubServices } from '../../hub-services.ts'
import { type ApiEnv, noteAnswer } from '../answer-context.ts'

const lookEveryMs = 1_000
const beatEveryMs = 5_000
const windowMs = 86_400_000
const mostAtOnce = 1_000
const mostStreams = 50

/** Calls as they are judged, by server-sent events. The act is written once per stream. */
export function liveRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  let open = 0
  routes.get('/live', async (context) => {
    if (open >= mostStreams) throw new TriptychError('STORE_LIMIT', { reason: 'too many live views' })
    await noteAnswer(hub, context, 'api.live')
    const feed = new LiveFeed(hub, context.req.header('last-event-id'))
    context.header('cache-control', 'no-store')
    open += 1
    return streamSSE(context, async (out) => {
      let lastBeat = Number.NEGATIVE_INFINITY
      try {
        while (!out.aborted && !out.closed) {
          for (const call of await feed.next()) await out.writeSSE({ event: 'call', id: call.id, data: call.data })
          if (performance.now() - lastBeat >= beatEveryMs) {
            lastBeat = performance.now()
            await out.writeSSE({ event: 'beat', data: JSON.stringify(beatOf(hub)) })
          }
          await out.sleep(lookEveryMs)
        }
      } finally {
        open -= 1
      }
    })
  })
  return routes
}

function beatOf(hub: HubServices) {
  return {
    at: new Date(hub.clock.now()).toISOString(),
    lastRunAt: hub.status().lastRunAt,
    completeUntil: hub.completeUntil(),
  }
}

/** What is new since the last look. A cursor is the moment of a judgement and the keys already given of that moment. */
class LiveFeed {
  readonly #hub: HubServices
  #after: number
  #given = new Set<string>()

  constructor(hub: HubServices, lastEventId: string | undefined) {
    this.#hub = hub
    const [, at, key] = /^(\d{1,15})\.([A-Za-z0-9-]{1,128})$/.exec(lastEventId ?? '') ?? []
    this.#after = at === undefined ? hub.clock.now() : Number(at)
    if (key !== undefined) this.#given.add(key)
  }

  async next(): Promise<readonly { readonly id: string; readonly data: string }[]> {
    const now = this.#hub.clock.now()
    const window = { since: now - windowMs, until: now + windowMs }
    const fresh: CallRow[] = []
    // From the beginning of the last moment: a run may still be writing rows of it.
    let from = { at: this.#after, key: '' }
    for (;;) {
      const rows = await callsJudgedSince(this.#hub.engine, from, window, mostAtOnce)
      fresh.push(...rows.filter((row) => this.#isNew(row)))
      const last = rows.at(-1)
      if (last === undefined || rows.length < mostAtOnce) break
      from = { at: Date.parse(last.judgedAt), key: last.key }
    }
    return fresh.map((row) => ({ id: `${Date.parse(row.judgedAt)}.${row.key}`, data: JSON.stringify(row) }))
  }

  #isNew(row: CallRow): boolean {
    const judgedAt = Date.parse(row.judgedAt)
    if (judgedAt === this.#after && this.#given.has(row.key)) return false
    if (judgedAt > this.#after) {
      this.#after = judgedAt
      this.#given = new Set()
    }
    this.#given.add(row.key)
    return true
  }
}
