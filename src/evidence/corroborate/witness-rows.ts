import { z } from 'zod'
import type { AccessWitness, ContentWitness, GatewayWitness } from '../../record/call.ts'
import { outcomes } from '../../record/outcome.ts'

// The rows of the three tables as the join reads them. Times come as ms, 64-bit numbers as numbers (all far below 2^53).

const flag = z.coerce.number().transform((value) => value === 1)
const count = z.coerce.number()
const optionalCount = z.coerce.number().nullable()

/** Columns of a gateway call, in the order of the schema below. */
export const gatewayColumns = `call_id, gateway, stage, alias, operation, model_as_sent, account, region, team, project, cost_centre, session_claim, agent_claim, policy, rule, aws_session, cost_micro_usd, prices_of, result, refusal_code,
  http_status, aws_request_id, own_request_id, attempts, tokens_input, tokens_output, tokens_cache_read, tokens_cache_write, stop_reason,
  toUnixTimestamp64Milli(ts) AS started_ms, if(isNull(ended_at), NULL, toUnixTimestamp64Milli(assumeNotNull(ended_at))) AS ended_ms,
  duration_ms, first_byte_ms, simulated`

/** A row of v_gateway_calls as a witness. */
export const gatewayRow = z
  .object({
    call_id: z.string(),
    gateway: z.string(),
    stage: z.enum(['intent', 'outcome', 'refused']),
    alias: z.string(),
    operation: z.string(),
    model_as_sent: z.string(),
    account: z.string(),
    region: z.string(),
    team: z.string(),
    project: z.string(),
    cost_centre: z.string(),
    session_claim: z.string(),
    agent_claim: z.string(),
    policy: z.string(),
    rule: z.string(),
    aws_session: z.string(),
    cost_micro_usd: optionalCount,
    prices_of: z.string(),
    result: z.string(),
    refusal_code: z.string(),
    http_status: count,
    aws_request_id: z.string(),
    own_request_id: z.string(),
    attempts: count,
    tokens_input: optionalCount,
    tokens_output: optionalCount,
    tokens_cache_read: optionalCount,
    tokens_cache_write: optionalCount,
    stop_reason: z.string(),
    started_ms: count,
    ended_ms: optionalCount,
    duration_ms: optionalCount,
    first_byte_ms: optionalCount,
    simulated: flag,
  })
  .transform(
    (row): GatewayWitness => ({
      callId: row.call_id,
      gateway: row.gateway,
      stage: row.stage,
      alias: row.alias,
      operation: row.operation,
      model: row.model_as_sent,
      account: row.account,
      region: row.region,
      team: row.team,
      project: row.project,
      costCentre: row.cost_centre,
      session: row.session_claim,
      agent: row.agent_claim,
      policy: row.policy,
      rule: row.rule,
      awsSession: row.aws_session === 'shared' || row.aws_session === 'unknown' ? row.aws_session : 'person',
      costMicroUsd: row.cost_micro_usd ?? undefined,
      pricesOf: row.prices_of,
      result: outcomes.find((known) => known === row.result),
      refusalCode: row.refusal_code,
      httpStatus: row.http_status,
      awsRequestId: row.aws_request_id,
      ownRequestId: row.own_request_id,
      attempts: row.attempts,
      tokens: tokensOf(row),
      stopReason: row.stop_reason,
      startedAt: row.started_ms,
      endedAt: row.ended_ms ?? undefined,
      durationMs: row.duration_ms ?? undefined,
      firstByteMs: row.first_byte_ms ?? undefined,
      simulated: row.simulated,
    }),
  )

/** Columns of an access event. */
export const accessColumns = `event_id, request_id, toUnixTimestamp64Milli(ts) AS at_ms, event_source, event_name, account, region, principal_type,
  principal_arn, principal_alias, session_issuer_arn, access_key_id, source_address, call_id, model_as_sent, error_code, bearer, simulated`

/** A row of v_access_events as a witness. */
export const accessRow = z
  .object({
    event_id: z.string(),
    request_id: z.string(),
    at_ms: count,
    event_source: z.string(),
    event_name: z.string(),
    account: z.string(),
    region: z.string(),
    principal_type: z.string(),
    principal_arn: z.string(),
    principal_alias: z.string(),
    session_issuer_arn: z.string(),
    access_key_id: z.string(),
    source_address: z.string(),
    call_id: z.string(),
    model_as_sent: z.string(),
    error_code: z.string(),
    bearer: flag,
    simulated: flag,
  })
  .transform(
    (row): AccessWitness => ({
      eventId: row.event_id,
      requestId: row.request_id,
      at: row.at_ms,
      eventSource: row.event_source,
      operation: row.event_name,
      account: row.account,
      region: row.region,
      principalType: row.principal_type,
      principalArn: row.principal_arn,
      principalAlias: row.principal_alias,
      roleArn: row.session_issuer_arn,
      accessKeyId: row.access_key_id,
      sourceAddress: row.source_address,
      callId: row.call_id,
      model: row.model_as_sent,
      errorCode: row.error_code,
      bearer: row.bearer,
      simulated: row.simulated,
    }),
  )

/** Columns of a content record. */
export const contentColumns = `request_id, toUnixTimestamp64Milli(ts) AS at_ms, operation, account, region, principal_arn, principal_alias, model_as_sent,
  call_id, session_claim, error_code, input_state, output_state, tokens_input, tokens_output, tokens_cache_read, tokens_cache_write, simulated`

/** A row of v_content_records as a witness. */
export const contentRow = z
  .object({
    request_id: z.string(),
    at_ms: count,
    operation: z.string(),
    account: z.string(),
    region: z.string(),
    principal_arn: z.string(),
    principal_alias: z.string(),
    model_as_sent: z.string(),
    call_id: z.string(),
    session_claim: z.string(),
    error_code: z.string(),
    input_state: z.string(),
    output_state: z.string(),
    tokens_input: optionalCount,
    tokens_output: optionalCount,
    tokens_cache_read: optionalCount,
    tokens_cache_write: optionalCount,
    simulated: flag,
  })
  .transform(
    (row): ContentWitness => ({
      requestId: row.request_id,
      at: row.at_ms,
      operation: row.operation,
      account: row.account,
      region: row.region,
      principalArn: row.principal_arn,
      principalAlias: row.principal_alias,
      model: row.model_as_sent,
      callId: row.call_id,
      session: row.session_claim,
      errorCode: row.error_code,
      hasBody: [row.input_state, row.output_state].some((state) => state !== 'absent' && state !== 'lost'),
      tokens: tokensOf(row),
      simulated: row.simulated,
    }),
  )

interface TokenColumns {
  readonly tokens_input: number | null
  readonly tokens_output: number | null
  readonly tokens_cache_read: number | null
  readonly tokens_cache_write: number | null
}

function tokensOf(row: TokenColumns) {
  return {
    input: row.tokens_input ?? undefined,
    output: row.tokens_output ?? undefined,
    cacheRead: row.tokens_cache_read ?? undefined,
    cacheWrite: row.tokens_cache_write ?? undefined,
  }
}
