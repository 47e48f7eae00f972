import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { conflictIn } from '../../access/permissions.ts'
import type { Role } from '../../access/roles.ts'
import type { Session } from '../../access/sessions.ts'
import type { HubServices } from '../../hub-services.ts'
import { type ApiEnv, callerOf } from '../answer-context.ts'
import { parseParams } from '../parse-query.ts'
import { linkBody } from '../schema/operate.ts'
import { signInSchema } from '../schema/session.ts'

/** Holds a session's word in the browser; no script can read it. */
const sessionCookie = 'triptych_session'

/** Signing in and out. A link is minted over the socket only. */
export function sessionRoutes(hub: HubServices, secureCookie: boolean): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  // With TLS the browser itself holds it to this host.
  const prefix = secureCookie ? ({ prefix: 'host' } as const) : {}
  routes.post('/session', async (context) => {
    const { link } = parseParams(signInSchema, await context.req.json().catch(() => undefined))
    const opened = await hub.sessions.open(link)
    if (opened === undefined) throw new TriptychError('SESSION_REQUIRED', { reason: 'the link is used up or too old' })
    setCookie(context, sessionCookie, opened.cookie, {
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      secure: secureCookie,
      ...prefix,
      maxAge: Math.floor((opened.session.expiresAt - opened.session.startedAt) / 1000),
    })
    return context.json(describe(hub, opened.session))
  })
  routes.get('/session', (context) => {
    const session = sessionOf(hub, context)
    if (session === undefined) throw new TriptychError('SESSION_REQUIRED')
    return context.json(describe(hub, session))
  })
  routes.delete('/session', async (context) => {
    const cookie = cookieOf(context)
    if (cookie !== undefined) await hub.sessions.close(cookie)
    deleteCookie(context, sessionCookie, { path: '/', secure: secureCookie, ...prefix })
    return context.body(null, 204)
  })
  routes.post('/session/links', async (context) => {
    const wanted = parseParams(linkBody, await context.req.json().catch(() => undefined))
    refuseConflict(wanted.roles)
    return context.json({ link: await hub.sessions.mintLink(callerOf(context).who, wanted.roles) })
  })
  return routes
}

/** The session of a request's cookie. */
export function sessionOf(hub: HubServices, context: Context<ApiEnv>): Session | undefined {
  const cookie = cookieOf(context)
  return cookie === undefined ? undefined : hub.sessions.find(cookie)
}

function cookieOf(context: Context<ApiEnv>): string | undefined {
  return getCookie(context, sessionCookie, 'host') ?? getCookie(context, sessionCookie)
}

function refuseConflict(wanted: readonly Role[]): void {
  const conflict = conflictIn(wanted)
  if (conflict !== undefined)
    throw new TriptychError('QUERY_INVALID', {
      field: 'roles',
      reason: `one session must not hold ${conflict.join(' and ')}`,
    })
}

function describe(hub: HubServices, session: Session) {
  const { simulated, version } = hub.status()
  return {
    id: session.who,
    roles: session.roles,
    startedAt: new Date(session.startedAt).toISOString(),
    expiresAt: new Date(session.expiresAt).toISOString(),
    simulated,
    version,
  }
}
