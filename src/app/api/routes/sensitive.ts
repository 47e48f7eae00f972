import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { callsOfSession, type SpokenRow } from '../../../evidence/store/queries/sessions.ts'
import { bodiesOf, type StoredBody } from '../../../evidence/store/queries/stored-bodies.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { auditedRead } from '../../access/audited-read.ts'
import type { HubServices } from '../../hub-services.ts'
import type { OpenBody } from '../../sessions/read-conversation.ts'
import { readSession } from '../../sessions/read-session.ts'
import { type ApiEnv, callerOf } from '../answer-context.ts'
import { parseParams } from '../parse-query.ts'
import { conversationReadSchema } from '../schema/conversation.ts'
import { contentReadSchema, reasonSchema } from '../schema/session.ts'
import { callNamed } from './calls.ts'

/** What is shown of a body at once; every further piece is a read with a record of its own. */
const shownBytes = 256 * 1024

/** Who it was and what was said: each with a reason, each a record before it is shown. */
export function sensitiveRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.post('/calls/:id/identity', async (context) => {
    const reason = parseParams(reasonSchema, await context.req.json().catch(() => undefined))
    const call = await callNamed(hub, context.req.param('id'), 'api.call.identity')
    const read = { caller: callerOf(context), what: 'identity', alias: call.alias, call: call.key, reason } as const
    const { value, recordedAs } = await auditedRead(hub.audit, read, () => hub.vault.identityOf(call.alias))
    if (value === undefined) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: 'identity' })
    const { kind, issuer, subject, name, email } = value
    context.header('cache-control', 'no-store')
    return context.json({
      alias: call.alias,
      kind,
      issuer,
      subject,
      name: name ?? null,
      email: email ?? null,
      recordedAs,
    })
  })
  routes.post('/calls/:id/content', async (context) => {
    const { from, ...reason } = parseParams(contentReadSchema, await context.req.json().catch(() => undefined))
    const call = await callNamed(hub, context.req.param('id'), 'api.call.content')
    const bodies = await bodiesOf(hub.engine, call, 'api.call.content')
    const owner = bodies[0]?.owner ?? call.alias
    const read = { caller: callerOf(context), what: 'content', alias: owner, call: call.key, reason } as const
    const { value, recordedAs } = await auditedRead(hub.audit, read, () =>
      Promise.all(bodies.map((body) => openBody(hub, body, from))),
    )
    context.header('cache-control', 'no-store')
    return context.json({ parts: value, recordedAs })
  })
  routes.post('/sessions/:id/conversation', async (context) => {
    const { who, from, ...reason } = parseParams(
      conversationReadSchema,
      await context.req.json().catch(() => undefined),
    )
    const session = context.req.param('id')
    const rows = await sessionNamed(hub, session, who)
    const alias = rows.find(({ owner }) => owner !== '')?.owner ?? ''
    const read = { caller: callerOf(context), what: 'content', alias, call: '', session, reason } as const
    const open: OpenBody = (ref, owner, opened) => hub.vault.read(ref, owner, opened)
    const { value, recordedAs } = await auditedRead(hub.audit, read, () => readSession(rows, from, open))
    const end = from + value.length
    context.header('cache-control', 'no-store')
    const next = end < rows.length ? end : null
    return context.json({ session, who, calls: rows.length, from, entries: value, next, recordedAs })
  })
  return routes
}

/** A client sends its history with every call, so longer sessions than this hardly are. */
const mostCalls = 2_000
const sessionForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The calls of somebody's session. Throws QUERY_INVALID, RESOURCE_NOT_FOUND. */
async function sessionNamed(hub: HubServices, session: string, who: string): Promise<readonly SpokenRow[]> {
  if (!sessionForm.test(session))
    throw new TriptychError('QUERY_INVALID', { field: 'id', reason: 'a session id (UUID)' })
  const rows = await callsOfSession(hub.engine, { session, who }, mostCalls, 'api.session')
  if (rows.length === 0) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: 'session' })
  return rows
}

async function openBody(hub: HubServices, body: StoredBody, from: number) {
  const { part, state } = body
  if (body.ref === '') return { part, state, bytes: body.bytes, from, text: '', shownBytes: 0, sha256: '' }
  const bytes = await hub.vault.read(body.ref, body.owner)
  const shown = bytes.subarray(from, from + shownBytes)
  return {
    part,
    state,
    bytes: bytes.length,
    from,
    text: new TextDecoder().decode(shown),
    shownBytes: shown.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
}
