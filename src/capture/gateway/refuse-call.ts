import { errorTable } from '../../platform/error-table.ts'
import { isTriptychError, type TriptychError } from '../../platform/triptych-error.ts'
import { attributeByCredential } from './attribute.ts'
import { type ClientRequest, type ClientResponse, cutOff } from './client-connection.ts'
import type { GatewayParts } from './gateway-parts.ts'
import type { CallState } from './handle-call.ts'
import type { Route } from './route.ts'

/** Records the refusal of a model call and answers in the client's shape. */
export async function refuseCall(
  parts: GatewayParts,
  route: Route | undefined,
  request: ClientRequest,
  response: ClientResponse,
  state: CallState,
  error: TriptychError,
): Promise<void> {
  const row = errorTable[error.code]
  const isCall = route?.kind === 'bedrock' || route?.kind === 'anthropic'
  if (isCall && !state.sent) await record(parts, route, request, state, error)
  if (response.headersSent || response.destroyed) {
    cutOff(response)
    return
  }
  const says = `${row.says}; ${row.fix}`
  const answer = state.dialect.refuse(row.http, error.code, says, error.facts, state.call)
  const headers: Record<string, string> = {
    ...answer.headers,
    'content-length': String(Buffer.byteLength(answer.body)),
  }
  if (row.http === 503 || row.http === 429) headers['retry-after'] = String(error.facts['retryAfterSeconds'] ?? 2)
  // The client would only send the same call again and again until the month is over.
  if (error.code === 'GATEWAY_BUDGET_SPENT') headers['x-should-retry'] = 'false'
  // A body that nobody will read must not keep the connection busy.
  if (!request.complete && request.httpVersionMajor === 1) headers['connection'] = 'close'
  response.writeHead(row.http, headers)
  response.end(answer.body)
  request.resume()
}

const nobody = { team: '', project: '', costCentre: '' }

async function record(
  parts: GatewayParts,
  route: Route,
  request: ClientRequest,
  state: CallState,
  error: TriptychError,
): Promise<void> {
  const { request: bedrock, principal } = state
  const operation = bedrock?.operation ?? (route.kind === 'bedrock' ? route.operation : '')
  const labels = state.attribution ?? (principal === undefined ? nobody : attributeByCredential(principal))
  const { team, project, costCentre } = labels
  const declared = Number(request.headers['content-length'] ?? 0)
  try {
    await parts.journal.refused({
      call: state.call,
      alias: state.alias ?? '',
      code: error.code,
      httpStatus: errorTable[error.code].http,
      operation,
      dialect: state.dialect.name,
      model: bedrock?.model.asSent ?? '',
      region: parts.upstream.regionOf(bedrock?.model.scope),
      account: parts.upstream.account,
      team,
      project,
      costCentre,
      policy: String(error.facts['policy'] ?? ''),
      rule: String(error.facts['rule'] ?? error.facts['limit'] ?? ''),
      bodyBytes: Math.max(state.bodyBytes, Number.isSafeInteger(declared) && declared > 0 ? declared : 0),
      startedAt: new Date(state.startedAt).toISOString(),
      simulated: parts.simulated,
    })
  } catch (cause) {
    parts.logger.error('gateway.refusal.unwritten', {
      call: state.call,
      code: isTriptychError(cause) ? cause.code : 'INTERNAL',
    })
  }
}
