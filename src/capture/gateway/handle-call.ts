import { createHmac, hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { asTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import type { Alias } from '../../record/alias.ts'
import type { CallId } from '../../record/call-id.ts'
import type { CallIntent } from '../../record/gateway-call.ts'
import type { ModelId } from '../../record/model-id.ts'
import type { Principal } from '../../record/principal.ts'
import { type Attribution, attribute } from './attribute.ts'
import { callerOf } from './caller.ts'
import { type ClientRequest, type ClientResponse, onClientGone } from './client-connection.ts'
import { deliver, drainIdleMs, readAnswer } from './deliver.ts'
import type { Dialect, HashedRequest } from './dialects/dialect.ts'
import { type CallEnd, finishCall } from './finish-call.ts'
import { type Forwarded, forward, type Sending } from './forward.ts'
import type { GatewayParts } from './gateway-parts.ts'
import { tokenOf } from './identify.ts'
import { intentOf } from './intent-of.ts'
import type { Lease } from './limits/limits.ts'
import { createMeter } from './meter/create-meter.ts'
import { type HeldBody, noBytes, readBody } from './request-body.ts'
import type { Route } from './route.ts'
import type { PersonSession, SessionOwner } from './sessions.ts'

/** What is known of a call so far; a refusal records as much of it as there is. */
export interface CallState {
  readonly call: CallId
  readonly startedAt: number
  readonly startedMs: number
  readonly dialect: Dialect
  alias?: Alias
  principal?: Principal
  request?: HashedRequest
  attribution?: Attribution
  /** Limits of which most is used, for the answer. */
  nearLimits?: string
  /** The client's bytes, until AWS has answered. */
  held?: HeldBody
  bodyBytes: number
  /** The intent is written: whatever comes now is an outcome, not a refusal. */
  sent: boolean
}

/**
 * The way of one call, in the order of the design: identify → read → understand → authorize → attribute → limit → session →
 * intent (durable) → forward → deliver and meter → outcome. Throws for a refusal, before anything went upstream.
 */
export async function handleCall(
  parts: GatewayParts,
  route: Route,
  request: ClientRequest,
  response: ClientResponse,
  state: CallState,
): Promise<void> {
  parts.observer.began()
  // The credential first: a storm of wrong tokens is answered before the body is read.
  const principal = await parts.identify(callerOf(request))
  state.principal = principal
  const alias = await parts.aliases.aliasOf(principal)
  state.alias = alias
  const held = await readBody(request, parts.room)
  state.held = held
  try {
    state.bodyBytes = held.bytes.length
    const bedrock = understand(route, request, state, held)
    const region = parts.upstream.regionOf(bedrock.model.scope)
    const { model, operation } = bedrock
    const authorized = parts.authorize.check({ principal, model, region, operation, body: bedrock.body })
    const attribution = attribute(principal, request.headers, parts.policy.current().labelsFor(principal))
    state.attribution = attribution
    const lease = await admit(parts, principal, model, attribution)
    const allowed = { alias, principal, region, authorized, bedrock, attribution, limits: lease.state }
    const intent = intentOf(parts, request, state, allowed)
    await sendAndDeliver(parts, intent, bedrock, request, response, state, lease)
  } finally {
    held.release()
  }
}

/** The client's words as Bedrock takes them. A function of its own: what waits for the answer must not hold the bytes. */
function understand(route: Route, request: ClientRequest, state: CallState, { bytes }: HeldBody): HashedRequest {
  const bedrock = state.dialect.toBedrock({ route, headers: request.headers, body: bytes })
  state.request = { ...bedrock, bodySha256: hash('sha256', bedrock.body) }
  return state.request
}

function admit(
  parts: GatewayParts,
  subject: Principal,
  modelId: ModelId,
  { team, project }: Attribution,
): Promise<Lease> {
  const person = createHmac('sha256', parts.countKey)
    .update(`${subject.issuer}\0${subject.subject}`)
    .digest('base64url')
    .slice(0, 22)
  return parts.limits.admit({ subject, person, team, project, modelId, model: modelId.model ?? modelId.asSent })
}

async function sendAndDeliver(
  parts: GatewayParts,
  intent: CallIntent,
  request: HashedRequest,
  client: ClientRequest,
  response: ClientResponse,
  state: CallState,
  lease: Lease,
): Promise<void> {
  const owner = ownerOf(intent, state, client)
  const { session, sent } = await beforeSending(parts, intent, owner, lease)
  state.sent = true
  state.nearLimits = lease.warnings.join(', ')
  // From here on the call has an outcome, exactly one, whatever happens.
  const { end, error } = await carryOut(parts, sent, request, client, response, state, {
    owner,
    session,
    attempts: 1,
    awsRequestId: '',
  })
  await finishCall(parts, sent, { startedMs: state.startedMs, model: request.model, lease }, end)
  if (error !== undefined) throw error
}

/** Whose session the call needs; a token of an issuer goes along, for AWS may be asked to verify it. */
function ownerOf({ alias, team, project }: CallIntent, { principal }: CallState, client: ClientRequest): SessionOwner {
  return { alias, team, project, token: principal?.credential === 'oidc' ? tokenOf(client.headers) : undefined }
}

/** Session and intent. A call that did not go out after all gives its place back. */
async function beforeSending(
  parts: GatewayParts,
  intent: CallIntent,
  owner: SessionOwner,
  lease: Lease,
): Promise<{ readonly session: PersonSession; readonly sent: CallIntent }> {
  try {
    const session = await parts.sessions.get(owner)
    const sent = { ...intent, awsSession: session.of }
    await parts.journal.intent(sent)
    return { session, sent }
  } catch (cause) {
    await lease.settle({})
    throw cause
  }
}

/** Names the limits of which most is used, so that nobody is surprised by the 429. */
const nearLimitHeader = 'x-triptych-limits'

/** How a sent call ended, and what the client must still be told. */
interface CarriedOut {
  readonly end: CallEnd
  readonly error?: TriptychError
}

/** Sends and delivers. Never throws. */
async function carryOut(
  parts: GatewayParts,
  intent: CallIntent,
  request: HashedRequest,
  client: ClientRequest,
  response: ClientResponse,
  state: CallState,
  sending: Sending,
): Promise<CarriedOut> {
  const caller = watchCaller(client, response, parts.drainAborted)
  let forwarded: Forwarded | undefined
  try {
    forwarded = await forward(parts, intent, request, sending, caller.letGo)
    caller.unwatch()
    // A stream may stay open for minutes, and nothing is sent again.
    request.body = noBytes
    state.held?.release()
    return await handOver(parts, intent, request, forwarded, client, response, state)
  } catch (cause) {
    const error = asTriptychError(cause, 'GATEWAY_UPSTREAM_FAILED', { reason: 'unknown' })
    if (forwarded !== undefined) return { end: { kind: 'broken_answer', forwarded, code: error.code }, error }
    return { end: { kind: 'no_answer', clientGone: caller.left(), cause: error, sending }, error }
  } finally {
    caller.unwatch()
  }
}

/** Whether the caller is still there while nothing has come for it yet, and when an upstream call is let go because it is not. */
function watchCaller(client: ClientRequest, response: ClientResponse, drain: boolean) {
  const hangUp = new AbortController()
  let left = false
  let patience: NodeJS.Timeout | undefined
  const unwatch = onClientGone(client, response, () => {
    left = true
    if (drain) patience = setTimeout(() => hangUp.abort(), drainIdleMs)
    else hangUp.abort()
  })
  return {
    letGo: hangUp.signal,
    left: () => left,
    unwatch() {
      unwatch()
      clearTimeout(patience)
    },
  }
}

async function handOver(
  parts: GatewayParts,
  intent: CallIntent,
  request: HashedRequest,
  forwarded: Forwarded,
  client: ClientRequest,
  response: ClientResponse,
  state: CallState,
): Promise<CarriedOut> {
  const { answer } = forwarded
  const status = answer.statusCode ?? 502
  if (status >= 300) {
    const body = await readAnswer(answer)
    const error = state.dialect.deliverError(status, answer.headers, body, intent.call)
    response.writeHead(status, { ...error.headers, 'content-length': String(error.body.length) })
    response.end(error.body)
    return { end: { kind: 'error_answer', forwarded, bytes: body.length } }
  }
  if (request.streaming && !isEventStream(answer)) {
    answer.destroy()
    const error = new TriptychError('GATEWAY_UPSTREAM_TYPE', { wanted: 'application/vnd.amazon.eventstream' })
    return { end: { kind: 'broken_answer', forwarded, code: 'wrong_content_type' }, error }
  }
  const plain = state.dialect.deliver(request, answer.headers, intent.call)
  const delivery = state.nearLimits
    ? { ...plain, headers: { ...plain.headers, [nearLimitHeader]: state.nearLimits } }
    : plain
  const meter = createMeter(request.streaming, answer.headers, delivery.observer)
  const delivered = await deliver(answer, { request: client, response }, delivery, meter, {
    startedMs: state.startedMs,
    drain: parts.drainAborted,
  })
  return { end: { kind: 'delivered', forwarded, delivered, metering: meter.end(), streaming: request.streaming } }
}

function isEventStream(answer: IncomingMessage): boolean {
  return (answer.headers['content-type'] ?? '').startsWith('application/vnd.amazon.eventstream')
}
