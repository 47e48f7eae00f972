import type { PlacedLine } from '../../platform/journal/read-segment.ts'
import { type CallIntent, type CallOutcome, gatewayRecordSchemas } from '../../record/gateway-call.ts'
import { snapshotTakenSchema } from '../../record/hub-act.ts'

/** Rows of one batch of a journal, by table. */
export interface JournalRows {
  readonly gateway_calls: object[]
  readonly gateway_sessions: object[]
  readonly snapshots: object[]
}

/** What every row of a batch carries. */
export interface BatchStamp {
  readonly batch: number
  readonly loadedAt: string
  readonly simulated: boolean
}

/** Journal lines as rows. The sequence number is the revision, so that loading a line again changes nothing. */
export function toJournalRows(lines: readonly PlacedLine[], stamp: BatchStamp): JournalRows {
  const rows: JournalRows = { gateway_calls: [], gateway_sessions: [], snapshots: [] }
  for (const { line } of lines) {
    const common = {
      batch: stamp.batch,
      loaded_at: stamp.loadedAt,
      simulated: stamp.simulated || line.body['simulated'] === true ? 1 : 0,
      revision: line.seq,
    }
    const add = converters.get(line.type)
    add?.(line.body, { source: line.source, seq: line.seq, common }, rows)
  }
  return rows
}

interface Place {
  readonly source: string
  readonly seq: number
  readonly common: Readonly<Record<string, string | number>>
}

type Converter = (body: unknown, place: Place, rows: JournalRows) => void

const converters: ReadonlyMap<string, Converter> = new Map<string, Converter>([
  [
    'call.intent',
    (body, place, rows) => {
      const intent = gatewayRecordSchemas['call.intent'].safeParse(body)
      if (intent.success)
        rows.gateway_calls.push({ ...intentColumns(intent.data, place), stage: 'intent', intent_seq: place.seq })
    },
  ],
  [
    'call.outcome',
    (body, place, rows) => {
      const outcome = gatewayRecordSchemas['call.outcome'].safeParse(body)
      if (outcome.success)
        rows.gateway_calls.push({ ...intentColumns(outcome.data, place), ...outcomeColumns(outcome.data, place) })
    },
  ],
  ['call.refused', addRefusal],
  ['session.opened', addSession],
  ['snapshot.taken', addSnapshot],
])

function intentColumns(intent: CallIntent, place: Place) {
  return {
    call_id: intent.call,
    ts: intent.startedAt,
    gateway: place.source,
    alias: intent.alias,
    principal_kind: intent.principal,
    credential: intent.credential,
    operation: intent.operation,
    dialect: intent.dialect,
    streaming: intent.streaming ? 1 : 0,
    model_as_sent: intent.model,
    region: intent.region,
    account: intent.account,
    team: intent.team,
    project: intent.project,
    attribution_source: intent.attribution,
    project_source: intent.projectFrom,
    cost_centre: intent.costCentre,
    cost_centre_source: intent.costCentreFrom,
    policy: intent.policy,
    rule: intent.rule,
    limits: intent.limits,
    aws_session: intent.awsSession,
    session_claim: intent.session,
    agent_claim: intent.agent,
    parent_agent_claim: intent.parentAgent,
    body_bytes: intent.bodyBytes,
    body_mac: intent.bodyMac,
    ...place.common,
  }
}

function outcomeColumns(outcome: CallOutcome, place: Place) {
  return {
    stage: 'outcome',
    result: outcome.result,
    http_status: outcome.httpStatus,
    error_code: outcome.errorCode,
    aws_request_id: outcome.awsRequestId,
    access_key_id: outcome.accessKeyId,
    tokens_input: outcome.inputTokens ?? null,
    tokens_output: outcome.outputTokens ?? null,
    tokens_cache_read: outcome.cacheReadTokens ?? null,
    tokens_cache_write: outcome.cacheWriteTokens ?? null,
    tokens_from: outcome.tokensFrom,
    stop_reason: outcome.stopReason,
    tokens_cache_write_1h: outcome.cacheWrite1hTokens ?? null,
    longest_gap_ms: outcome.longestGapMs ?? null,
    drained: outcome.drained ? 1 : 0,
    cost_micro_usd: outcome.costMicroUsd ?? null,
    prices_of: outcome.pricesOf ?? '',
    first_byte_ms: outcome.firstByteMs ?? null,
    duration_ms: outcome.durationMs,
    response_bytes: outcome.responseBytes,
    ended_at: outcome.endedAt,
    attempts: outcome.attempts,
    intent_seq: outcome.intentSeq,
    outcome_seq: place.seq,
  }
}

function addRefusal(body: unknown, place: Place, rows: JournalRows): void {
  const parsed = gatewayRecordSchemas['call.refused'].safeParse(body)
  if (!parsed.success) return
  const refusal = parsed.data
  rows.gateway_calls.push({
    call_id: refusal.call,
    ts: refusal.startedAt,
    gateway: place.source,
    alias: refusal.alias,
    operation: refusal.operation,
    dialect: refusal.dialect,
    model_as_sent: refusal.model,
    region: refusal.region,
    account: refusal.account,
    team: refusal.team,
    project: refusal.project,
    cost_centre: refusal.costCentre,
    policy: refusal.policy,
    rule: refusal.rule,
    body_bytes: refusal.bodyBytes,
    stage: 'refused',
    result: 'refused',
    refusal_code: refusal.code,
    http_status: refusal.httpStatus,
    ended_at: refusal.startedAt,
    intent_seq: place.seq,
    ...place.common,
  })
}

function addSession(body: unknown, place: Place, rows: JournalRows): void {
  const parsed = gatewayRecordSchemas['session.opened'].safeParse(body)
  if (!parsed.success) return
  const { alias, accessKeyId, role, openedAt, expiresAt } = parsed.data
  rows.gateway_sessions.push({
    ts: openedAt,
    gateway: place.source,
    alias,
    access_key_id: accessKeyId,
    role_arn: role,
    expires_at: expiresAt,
    seq: place.seq,
    ...place.common,
  })
}

function addSnapshot(body: unknown, place: Place, rows: JournalRows): void {
  const parsed = snapshotTakenSchema.safeParse(body)
  if (!parsed.success) return
  const { layer, account, region, state, reason, takenAt } = parsed.data
  rows.snapshots.push({
    ts: takenAt,
    layer,
    account,
    region,
    state,
    reason,
    detail: '',
    seq: place.seq,
    ...place.common,
  })
}
