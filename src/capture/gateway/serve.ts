import { errorTable } from '../../platform/error-table.ts'
import { asTriptychError, errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import { mintCallId } from '../../record/call-id.ts'
import { callerOf } from './caller.ts'
import { type ClientRequest, type ClientResponse, type ListenOptions, listenForClients } from './client-connection.ts'
import { decodeSegment } from './decode-segment.ts'
import type { Dialect } from './dialects/dialect.ts'
import type { GatewayParts } from './gateway-parts.ts'
import { type CallState, handleCall } from './handle-call.ts'
import { tokenOf } from './identify.ts'
import { listModels, oneModel } from './list-models.ts'
import { listProfiles, oneProfile } from './list-profiles.ts'
import { refuseCall } from './refuse-call.ts'
import { matchRoute, type Route } from './route.ts'

/** A gateway that listens. */
export interface Gateway {
  readonly url: string
  /** Stops taking calls, lets those that run end (at most `graceMs`), then closes. */
  close(graceMs?: number): Promise<void>
}

/** Calls whose connection is gone end at once; one that does not is settled at the next start. */
const settleMs = 3_000

/** Starts listening. Throws LISTEN_FAILED, with the errno. */
export async function serveGateway(parts: GatewayParts, listen: ListenOptions): Promise<Gateway> {
  const running = new Set<Promise<void>>()
  const listener = await listenForClients(listen, (request, response) => {
    const call = handle(parts, request, response)
    running.add(call)
    void call.finally(() => running.delete(call))
  })
  return {
    url: `${listen.tls === undefined ? 'http' : 'https'}://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listener.port}`,
    async close(graceMs = 10_000) {
      listener.stopAccepting()
      await quiet(
        () => running.size + listener.connections(),
        graceMs,
        () => running.size,
      )
      listener.destroyAll()
      await Promise.race([Promise.allSettled(running), new Promise((resolve) => setTimeout(resolve, settleMs).unref())])
    },
  }
}

const lookEveryMs = 20
/** A connection without a call is waited for so long: its request may just be on its way. */
const lingerMs = 1_000

/** Waits until nothing is left, or only idle connections for a while, or the time is over. */
async function quiet(left: () => number, graceMs: number, calls: () => number): Promise<void> {
  const until = performance.now() + graceMs
  let idleSince = performance.now()
  while (left() > 0 && performance.now() < until) {
    if (calls() > 0) idleSince = performance.now()
    else if (performance.now() - idleSince > lingerMs) return
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}

async function handle(parts: GatewayParts, request: ClientRequest, response: ClientResponse): Promise<void> {
  const route = matchRoute(request.method ?? '', request.url ?? '')
  const state = newState(parts, route)
  response.on('error', () => parts.logger.debug('gateway.client.broke'))
  try {
    if (route === undefined) throw new TriptychError('GATEWAY_ROUTE_UNKNOWN')
    if (route.kind === 'bedrock' || route.kind === 'anthropic') await handleCall(parts, route, request, response, state)
    else await answerPlain(parts, route, request, response)
  } catch (cause) {
    const error = asTriptychError(cause)
    await refuseCall(parts, route, request, response, state, error)
    if (error.code === 'INTERNAL')
      parts.logger.error('gateway.call.failed', { call: state.call, errno: errnoOf(cause) ?? 'none' })
  }
}

function newState(parts: GatewayParts, route: Route | undefined): CallState {
  const at = parts.clock.now()
  const dialect: Dialect =
    route?.kind === 'anthropic' || route?.kind === 'models' || route?.kind === 'probe'
      ? parts.dialects.anthropic
      : parts.dialects.bedrock
  const call = mintCallId({ gatewayTag: parts.gatewayTag, at, random: parts.random, key: parts.callKey })
  return { call, startedAt: at, startedMs: performance.now(), dialect, bodyBytes: 0, sent: false }
}

/** Probes and health carry no credential. */
async function answerPlain(
  parts: GatewayParts,
  route: Route,
  request: ClientRequest,
  response: ClientResponse,
): Promise<void> {
  if (route.kind === 'profiles' || route.kind === 'models') return answerListing(parts, route, request, response)
  const ready = route.kind !== 'ready' || parts.journal.writable()
  const body = route.kind === 'probe' ? '' : JSON.stringify({ ok: ready, version: parts.version })
  const status = ready ? 200 : errorTable.JOURNAL_UNWRITABLE.http
  parts.observer.plain(route.kind, status)
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body)
}

/** What the caller may use. Claude Code asks for profiles without a credential at every start: refused as AWS would, no record. */
async function answerListing(
  parts: GatewayParts,
  route: Extract<Route, { kind: 'profiles' | 'models' }>,
  request: ClientRequest,
  response: ClientResponse,
): Promise<void> {
  const principal = await parts.identify(callerOf(request))
  if (route.kind === 'models') {
    const found =
      route.model === '' ? listModels(parts, principal) : oneModel(parts, principal, decodeSegment(route.model))
    if (found === undefined) throw new TriptychError('GATEWAY_MODEL_UNKNOWN', { field: 'model' })
    parts.observer.plain(route.kind, 200)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(found))
    return
  }
  const alias = await parts.aliases.aliasOf(principal)
  const token = principal.credential === 'oidc' ? tokenOf(request.headers) : undefined
  const caller = { principal, alias, token }
  const { status, headers, body } = await (route.profile === ''
    ? listProfiles(parts, caller, route.query)
    : oneProfile(parts, caller, route.profile))
  parts.observer.plain(route.kind, status)
  response.writeHead(status, { ...headers, 'content-length': String(body.length) })
  response.end(body)
}
