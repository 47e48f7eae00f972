import { Hono } from 'hono'
import { callPanels } from '../../../evidence/corroborate/call-panels.ts'
import { type CallRow, findCall, listCalls } from '../../../evidence/store/queries/list-calls.ts'
import { asTriptychError, isTriptychError, TriptychError } from '../../../platform/triptych-error.ts'
import type { ProvableRecord } from '../../../record/provable-record.ts'
import { verdicts, verdictTable } from '../../../record/verdict.ts'
import type { HubServices } from '../../hub-services.ts'
import type { CallProof } from '../../ledger/prove-call.ts'
import { type ApiEnv, noteAnswer, spanOf } from '../answer-context.ts'
import { callFields } from '../detail/call-fields.ts'
import { callTimeline } from '../detail/call-timeline.ts'
import { callParams, cursorText, paramsOf, parseCursor, parseParams, proofParams, selectionOf } from '../parse-query.ts'

/** A list of calls, and one call with what each witness says of it. */
export function callRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.get('/', async (context) => {
    const params = parseParams(callParams, paramsOf(context))
    const selection = selectionOf(params, hub.clock.now())
    await noteAnswer(hub, context, 'api.calls', Object.keys(selection.filters))
    // One more than asked for says whether anything follows.
    const query = { ...selection, after: parseCursor(params.cursor), limit: params.limit + 1 }
    const found = await listCalls(hub.engine, query, 'api.calls')
    const calls = found.slice(0, params.limit)
    const last = calls.at(-1)
    const next = found.length > calls.length && last !== undefined ? cursorText(last) : null
    return context.json({ ...spanOf(hub, selection.window), limit: params.limit, calls, next })
  })
  routes.get('/:id', async (context) => {
    await noteAnswer(hub, context, 'api.call', ['id'])
    const call = await callNamed(hub, context.req.param('id'), 'api.call')
    return context.json(await detailOf(hub, call))
  })
  routes.get('/:id/proof', async (context) => {
    const { record, as } = parseParams(proofParams, paramsOf(context))
    await noteAnswer(hub, context, 'api.call.proof', ['id', 'record'])
    const call = await callNamed(hub, context.req.param('id'), 'api.call.proof')
    const proof = await (record === undefined ? proveFirst(hub, call) : hub.prove(call, record))
    if (as === 'json') return context.json(proof)
    context.header('content-disposition', `attachment; filename="${call.key}.${proof.record}.tlog-proof"`)
    return context.text(proof.proof)
  })
  return routes
}

/** The call of an id. Throws QUERY_INVALID, RESOURCE_NOT_FOUND. */
export async function callNamed(hub: HubServices, id: string, surface: string): Promise<CallRow> {
  if (!/^[A-Za-z0-9-]{8,128}$/.test(id))
    throw new TriptychError('QUERY_INVALID', { field: 'id', reason: 'a call id or AWS request id' })
  const call = await findCall(hub.engine, id, surface)
  if (call === undefined) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: 'call' })
  return call
}

async function detailOf(hub: HubServices, call: CallRow) {
  const panels = await callPanels(hub.engine, call, 'api.call')
  const compared = { access: panels.access[0], gateway: panels.gateway ?? undefined, content: panels.content[0] }
  const dueAt = panels.dueAt === undefined ? undefined : new Date(panels.dueAt).toISOString()
  return {
    asOf: new Date(hub.clock.now()).toISOString(),
    simulated: call.simulated,
    call,
    says: verdictTable[call.verdict].says,
    rule: { number: verdicts.indexOf(call.verdict) + 1, of: verdicts.length },
    fields: callFields(call, compared, dueAt),
    timeline: callTimeline(call, panels, await hub.rebuiltAt()),
    panels: { access: panels.access, gateway: panels.gateway, content: panels.content, changes: panels.changes },
    receipts: await receiptsOf(hub, call),
  }
}

/** What says most of a call: how it ended, else that it began, else what AWS says. */
const mostTelling: readonly ProvableRecord[] = ['outcome', 'intent', 'access', 'content']

async function proveFirst(hub: HubServices, call: CallRow): Promise<CallProof> {
  for (const record of mostTelling) {
    try {
      return await hub.prove(call, record)
    } catch (cause) {
      if (!isTriptychError(cause, 'RESOURCE_NOT_FOUND')) throw cause
    }
  }
  throw new TriptychError('RESOURCE_NOT_FOUND', { kind: 'record' })
}

/** Which records of a call have an entry in the ledger, and which still wait for one; the most telling first. */
async function receiptsOf(hub: HubServices, call: CallRow) {
  const receipts: { record: ProvableRecord; state: 'entered' | 'backlog' | 'unknown'; code?: string }[] = []
  for (const record of mostTelling) {
    const code = await hub.enteredRecord(call, record).then(
      () => undefined,
      (cause: unknown) => asTriptychError(cause).code,
    )
    if (code === undefined) receipts.push({ record, state: 'entered' })
    else if (code === 'LEDGER_BACKLOG') receipts.push({ record, state: 'backlog' })
    else if (code !== 'RESOURCE_NOT_FOUND') receipts.push({ record, state: 'unknown', code })
  }
  return receipts
}
