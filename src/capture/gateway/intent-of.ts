import { createHmac } from 'node:crypto'
import type { Alias } from '../../record/alias.ts'
import type { CallIntent } from '../../record/gateway-call.ts'
import type { Principal } from '../../record/principal.ts'
import { type Attribution, readClaims } from './attribute.ts'
import type { Authorized } from './authorize.ts'
import type { ClientRequest } from './client-connection.ts'
import type { HashedRequest } from './dialects/dialect.ts'
import type { GatewayParts } from './gateway-parts.ts'
import type { CallState } from './handle-call.ts'

/** What was found out about a call, and what allowed it. */
export interface Allowed {
  readonly alias: Alias
  readonly principal: Principal
  readonly region: string
  readonly bedrock: HashedRequest
  readonly authorized: Authorized
  readonly attribution: Attribution
  readonly limits: CallIntent['limits']
}

/** The intent of a call that may go out. Each field by its name: an object of this size that is spread together from several costs more than all checks of it. */
export function intentOf(
  parts: GatewayParts,
  request: ClientRequest,
  state: Pick<CallState, 'call' | 'startedAt' | 'dialect'>,
  allowed: Allowed,
): CallIntent {
  const { alias, principal, region, bedrock, authorized, attribution, limits } = allowed
  const { session, agent, parentAgent } = readClaims(request.headers)
  return {
    call: state.call,
    alias,
    principal: principal.kind,
    credential: principal.credential,
    operation: bedrock.operation,
    dialect: state.dialect.name,
    streaming: bedrock.streaming,
    model: bedrock.model.asSent,
    region,
    account: parts.upstream.account,
    team: attribution.team,
    project: attribution.project,
    attribution: attribution.attribution,
    projectFrom: attribution.projectFrom,
    costCentre: attribution.costCentre,
    costCentreFrom: attribution.costCentreFrom,
    policy: authorized.policy,
    rule: authorized.rule,
    limits,
    session,
    agent,
    parentAgent,
    awsSession: 'person',
    bodyBytes: bedrock.body.length,
    bodyMac: createHmac('sha256', parts.bodyKey).update(bedrock.bodySha256).digest('hex').slice(0, 32),
    startedAt: new Date(state.startedAt).toISOString(),
    simulated: parts.simulated,
  }
}
