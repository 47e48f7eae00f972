import { type Context, Hono } from 'hono'
import { callsOfSession, listSessions, type SessionRow } from '../../../evidence/store/queries/sessions.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { graveVerdicts } from '../../../record/verdict.ts'
import { auditedRead } from '../../access/audited-read.ts'
import type { HubServices } from '../../hub-services.ts'
import { readConversation } from '../../sessions/read-conversation.ts'
import { showBlocks } from '../../sessions/show-blocks.ts'
import { type ApiEnv, callerOf, noteAnswer, spanOf } from '../answer-context.ts'
import { csvCell } from '../csv-cell.ts'
import { paramsOf, parseParams, selectionOf, sessionParams } from '../parse-query.ts'
import { type ConversationAnswer, conversationReadSchema } from '../schema/conversation.ts'

/** A client sends its history with every call, so longer sessions than this hardly are. */
const mostCalls = 2_000
const callsAtOnce = 100
const sessionForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Sessions, and what was said in one of them. */
export function sessionListRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.get('/sessions', async (context) => {
    const { limit, format, ...filters } = parseParams(sessionParams, paramsOf(context))
    const selection = selectionOf(filters, hub.clock.now())
    await noteAnswer(hub, context, 'api.sessions', Object.keys(selection.filters))
    const found = await listSessions(hub.engine, selection, graveVerdicts, limit + 1, 'api.sessions')
    const sessions = found.slice(0, limit)
    if (format === 'csv') return csvOf(context, sessions)
    return context.json({ ...spanOf(hub, selection.window), limit, sessions, more: found.length > limit })
  })
  routes.post('/sessions/:id/conversation', async (context) => {
    const { who, from, ...reason } = parseParams(
      conversationReadSchema,
      await context.req.json().catch(() => undefined),
    )
    const session = context.req.param('id')
    if (!sessionForm.test(session))
      throw new TriptychError('QUERY_INVALID', { field: 'id', reason: 'a session id (UUID)' })
    const rows = await callsOfSession(hub.engine, { session, who }, mostCalls, 'api.session')
    const owner = rows.find((row) => row.owner !== '')?.owner ?? ''
    if (rows.length === 0) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: 'session' })
    const read = {
      caller: callerOf(context),
      what: 'content',
      alias: owner,
      call: '',
      session,
      reason,
    } as const
    const { value, recordedAs } = await auditedRead(hub.audit, read, () => entriesOf(hub, rows, from))
    const end = from + value.length
    context.header('cache-control', 'no-store')
    const next = end < rows.length ? end : null
    return context.json({ session, who, calls: rows.length, from, entries: value, next, recordedAs })
  })
  return routes
}

async function entriesOf(
  hub: HubServices,
  rows: Awaited<ReturnType<typeof callsOfSession>>,
  from: number,
): Promise<ConversationAnswer['entries']> {
  const entries: ConversationAnswer['entries'] = []
  let n = 0
  // Those before the first that is asked for are read too: what they said is not said again.
  for await (const { row, added, readable, missing } of readConversation(
    hub.vault,
    rows.slice(0, from + callsAtOnce),
  )) {
    if (n++ < from) continue
    entries.push({
      call: row.key,
      at: row.at,
      model: row.model,
      agent: row.agent,
      history: readable ? added.history : 'unknown',
      repeated: added.repeated,
      system: added.system === undefined ? null : showBlocks(added.system),
      tools: added.tools === undefined ? null : [...added.tools],
      added: added.added.map(({ role, blocks }) => ({ role, blocks: showBlocks(blocks) })),
      answer: answerOf(added.answer),
      missing: [...missing],
    })
  }
  return entries
}

function answerOf(answer: Parameters<typeof showAnswer>[0] | undefined) {
  return answer === undefined ? null : showAnswer(answer)
}

function showAnswer(answer: {
  readonly blocks: Parameters<typeof showBlocks>[0]
  readonly stopReason: string
  readonly whole: boolean
  readonly guardrail: boolean
}) {
  const { blocks, stopReason, whole, guardrail } = answer
  return { blocks: showBlocks(blocks), stopReason, whole, guardrail }
}

const exported = [
  'session',
  'who',
  'calls',
  'grave',
  'withContent',
  'agents',
  'costMicroUsd',
  'firstAt',
  'lastAt',
] as const

function csvOf(context: Context<ApiEnv>, sessions: readonly SessionRow[]) {
  const lines = sessions.map((row) =>
    [...exported.map((name) => row[name]), row.tokens.input, row.tokens.output, row.models.join(' ')]
      .map((value) => csvCell(value))
      .join(','),
  )
  context.header('content-type', 'text/csv; charset=utf-8')
  context.header('content-disposition', 'attachment; filename="sessions.csv"')
  return context.body(
    `${[[...exported, 'tokens.input', 'tokens.output', 'models'].join(','), ...lines].join('\r\n')}\r\n`,
  )
}
