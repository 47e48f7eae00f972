import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { errorTable } from '../../platform/error-table.ts'
import { asTriptychError, errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import { mintCallId } from '../../record/call-id.ts'
import type { Dialect } from './dialects/dialect.ts'
import type { GatewayParts } from './gateway-parts.ts'
import { type CallState, handleCall } from './handle-call.ts'
import { refuseCall } from './refuse-call.ts'
import { matchRoute, type Route } from './route.ts'

/** A gateway that listens. */
export interface Gateway {
  readonly url: string
  /** Stops taking calls, lets those that run end (at most `graceMs`), then closes. */
  close(graceMs?: number): Promise<void>
}

/** Starts listening. Throws LISTEN_FAILED, with the errno. */
export async function serveGateway(
  parts: GatewayParts,
  listen: { readonly host: string; readonly port: number },
): Promise<Gateway> {
  const running = new Set<Promise<void>>()
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 }, (request, response) => {
    const call = handle(parts, request, response)
    running.add(call)
    void call.finally(() => running.delete(call))
  })
  await startListening(server, listen)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : listen.port
  return {
    url: `http://${listen.host}:${port}`,
    async close(graceMs = 10_000) {
      server.close()
      server.closeIdleConnections()
      await Promise.race([Promise.allSettled(running), new Promise((resolve) => setTimeout(resolve, graceMs).unref())])
      server.closeAllConnections()
      await Promise.allSettled(running)
    },
  }
}

async function handle(parts: GatewayParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
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
    route?.kind === 'anthropic' || route?.kind === 'probe' ? parts.dialects.anthropic : parts.dialects.bedrock
  const call = mintCallId({ gatewayTag: parts.gatewayTag, at, random: parts.random, key: parts.callKey })
  return { call, startedAt: at, startedMs: performance.now(), dialect, bodyBytes: 0 }
}

/** Probes and health carry no credential; a list of inference profiles without one is refused as AWS would, and nobody minds. */
async function answerPlain(
  parts: GatewayParts,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (route.kind === 'profiles') {
    await parts.identify(request.headers)
    throw new TriptychError('GATEWAY_ROUTE_UNKNOWN')
  }
  const ready = route.kind !== 'ready' || parts.journal.writable()
  const body = route.kind === 'probe' ? '' : JSON.stringify({ ok: ready, version: parts.version })
  response.writeHead(ready ? 200 : errorTable.JOURNAL_UNWRITABLE.http, { 'content-type': 'application/json' }).end(body)
}

function startListening(server: Server, listen: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new TriptychError(
          'LISTEN_FAILED',
          { address: `${listen.host}:${listen.port}`, reason: errnoOf(cause) ?? 'unknown' },
          cause,
        ),
      )
    })
    server.listen(listen.port, listen.host, resolve)
  })
}
