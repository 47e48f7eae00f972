import { Hono } from 'hono'
import {
  bucketWidth,
  countFacets,
  countSelected,
  groupByCause,
  histogram,
} from '../../../evidence/store/queries/count-calls.ts'
import { graveVerdicts } from '../../../record/verdict.ts'
import type { HubServices } from '../../hub-services.ts'
import { type ApiEnv, noteAnswer, spanOf } from '../answer-context.ts'
import {
  histogramParams,
  paramsOf,
  parseParams,
  parseWindow,
  selectionOf,
  selectionParams,
  windowOnly,
} from '../parse-query.ts'

/** Counts beside a list: facets, calls over time, and what somebody should look at. */
export function countRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.get('/calls/facets', async (context) => {
    const selection = selectionOf(parseParams(selectionParams, paramsOf(context)), hub.clock.now())
    await noteAnswer(hub, context, 'api.calls.facets', Object.keys(selection.filters))
    const [total, facets] = await Promise.all([
      countSelected(hub.engine, selection, 'api.calls.facets'),
      countFacets(hub.engine, selection, 'api.calls.facets'),
    ])
    return context.json({
      ...spanOf(hub, selection.window),
      total,
      facets,
    })
  })
  routes.get('/calls/histogram', async (context) => {
    const params = parseParams(histogramParams, paramsOf(context))
    const selection = selectionOf(params, hub.clock.now())
    await noteAnswer(hub, context, 'api.calls.histogram', Object.keys(selection.filters))
    const bucketMs = bucketWidth(selection.window, params.buckets)
    const buckets = await histogram(hub.engine, selection, bucketMs, 'api.calls.histogram')
    return context.json({
      ...spanOf(hub, selection.window),
      bucketMs,
      buckets: buckets.map(({ from, calls }) => ({ from: new Date(from).toISOString(), calls })),
    })
  })
  routes.get('/attention', async (context) => {
    const window = parseWindow(parseParams(windowOnly, paramsOf(context)), hub.clock.now())
    await noteAnswer(hub, context, 'api.attention')
    const selection = { window, filters: { verdict: { is: graveVerdicts, not: [] } } }
    const groups = await groupByCause(hub.engine, selection, 'api.attention')
    return context.json({
      ...spanOf(hub, window),
      groups: groups.map(({ firstAt, lastAt, ...group }) => ({
        ...group,
        firstAt: new Date(firstAt).toISOString(),
        lastAt: new Date(lastAt).toISOString(),
      })),
    })
  })
  return routes
}
