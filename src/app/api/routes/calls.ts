import { Hono } from 'hono'
import { z } from 'zod'
import { callPanels } from '../../../evidence/corroborate/call-panels.ts'
import {
  type CallFilter,
  callFilters,
  callsJudgedSince,
  findCall,
  listCalls,
} from '../../../evidence/store/queries/list-calls.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import type { HubServices } from '../../hub-services.ts'
import { provableRecords } from '../../ledger/prove-call.ts'
import { callParams, parseParams, parseWindow } from '../parse-query.ts'

/** A list of calls, and one call with what each witness says of it. */
export function callRoutes(hub: HubServices): Hono {
  const routes = new Hono()
  routes.get('/', async (context) => {
    const params = parseParams(callParams, context.req.query())
    const window = parseWindow(params, hub.clock.now())
    const filters: Partial<Record<CallFilter, string>> = {}
    for (const name of filterNames) {
      const value = params[name]
      if (value !== undefined) filters[name] = value
    }
    if (params.judgedAfter !== undefined) {
      const calls = await callsJudgedSince(hub.engine, Date.parse(params.judgedAfter), window, params.limit)
      if (calls.length > 0)
        await hub.act('answer.given', { surface: 'api.calls.live', who: 'socket-owner', filters: [] })
      return context.json({
        since: new Date(window.since).toISOString(),
        until: new Date(window.until).toISOString(),
        limit: params.limit,
        calls,
      })
    }
    await hub.act('answer.given', { surface: 'api.calls', who: 'socket-owner', filters: Object.keys(filters) })
    const calls = await listCalls(hub.engine, { window, filters, limit: params.limit }, 'api.calls')
    return context.json({
      since: new Date(window.since).toISOString(),
      until: new Date(window.until).toISOString(),
      limit: params.limit,
      calls,
    })
  })
  routes.get('/:id', async (context) => {
    const id = checkedId(context.req.param('id'))
    await hub.act('answer.given', { surface: 'api.call', who: 'socket-owner', filters: ['id'] })
    const call = await findCall(hub.engine, id, 'api.call')
    if (call === undefined) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: 'call' })
    return context.json({ call, panels: await callPanels(hub.engine, call, 'api.call') })
  })
  routes.get('/:id/proof', async (context) => {
    const id = checkedId(context.req.param('id'))
    const { record } = parseParams(proofParams, context.req.query())
    await hub.act('answer.given', { surface: 'api.call.proof', who: 'socket-owner', filters: ['id', 'record'] })
    const call = await findCall(hub.engine, id, 'api.call.proof')
    if (call === undefined) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: 'call' })
    return context.json(await hub.prove(call, record))
  })
  return routes
}

const proofParams = z.strictObject({ record: z.enum(provableRecords).default('outcome') })

function checkedId(id: string): string {
  if (!/^[A-Za-z0-9-]{8,128}$/.test(id))
    throw new TriptychError('QUERY_INVALID', { field: 'id', reason: 'a call id or AWS request id' })
  return id
}

const filterNames = Object.keys(callFilters).filter((name): name is CallFilter => Object.hasOwn(callFilters, name))
