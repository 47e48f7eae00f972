import { z } from 'zod'
import type { Call, Judgement, Tokens } from '../../record/call.ts'
import { findingCode } from '../../record/finding.ts'
import { parseModelId } from '../../record/model-id.ts'
import type { Engine } from '../store/engine.ts'
import { mainAccess } from './compare.ts'
import type { KeyedCall } from './group-calls.ts'
import { outcomeOf, seenBy } from './judge.ts'

const tag = { surface: 'corroborate.write' }
/** Halves of one call stand at most this far apart. */
const spanMs = 86_400_000

/** A call with its judgement. */
export interface JudgedCall extends KeyedCall {
  readonly judgement: Judgement
}

const standingRow = z.object({
  call_key: z.string(),
  ts_ms: z.coerce.number(),
  verdict: z.string(),
  reason: z.string(),
  findings: z.array(z.string()),
  due_ms: z.coerce.number().nullable(),
  seen: z.string(),
  changes: z.coerce.number(),
})
type Standing = z.infer<typeof standingRow>

/** Writes what is new, keeps each change of a verdict, and takes away rows whose call has found its other half. */
export async function writeCalls(
  engine: Engine,
  judged: readonly JudgedCall[],
  revision: number,
  now: number,
): Promise<{ written: number; changed: number }> {
  const standing = await readStanding(engine, judged)
  const rows: object[] = []
  const changes: object[] = []
  for (const call of judged) {
    const own = standing.get(call.key)
    // A half that stood under another key until now: its verdict is the one that changes.
    const before = own ?? call.otherKeys.map((key) => standing.get(key)).find((half) => half !== undefined)
    const row = toRow(call, before, revision, now)
    for (const other of call.otherKeys) {
      const half = standing.get(other)
      if (half !== undefined) rows.push(tombstone(half, revision, now))
    }
    if (own !== undefined && own.ts_ms !== Date.parse(`${row.ts}Z`)) rows.push(tombstone(own, revision, now))
    if (own !== undefined && isSame(own, row)) continue
    rows.push(row)
    if (before !== undefined && before.verdict !== row.verdict) {
      changes.push({
        call_key: row.call_key,
        ts: row.ts,
        from_verdict: before.verdict,
        to_verdict: row.verdict,
        judged_at: row.judged_at,
        reason: row.reason,
        batch: revision,
        loaded_at: row.judged_at,
        simulated: row.simulated,
      })
    }
  }
  if (rows.length > 0) await engine.insert('calls', rows)
  if (changes.length > 0) await engine.insert('verdict_changes', changes)
  return { written: rows.length, changed: changes.length }
}

async function readStanding(engine: Engine, judged: readonly JudgedCall[]): Promise<ReadonlyMap<string, Standing>> {
  const keys = judged.flatMap((call) => [call.key, ...call.otherKeys])
  const starts = judged.map((call) => startOf(call.call))
  const from = Math.min(...starts, Number.MAX_SAFE_INTEGER) - spanMs
  const to = Math.max(...starts, 0) + spanMs
  const rows = await engine.rows(
    standingRow,
    `SELECT call_key, toUnixTimestamp64Milli(ts) AS ts_ms, verdict, reason, findings, changes,
       if(isNull(due_at), NULL, toUnixTimestamp64Milli(assumeNotNull(due_at))) AS due_ms,
       concat(toString(seen_access), toString(seen_gateway), toString(seen_content)) AS seen
     FROM v_calls WHERE call_key IN {keys:Array(String)}
       AND ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64})`,
    { keys, from: Math.floor(from), to: Math.ceil(to) },
    tag,
  )
  return new Map(rows.map((row) => [row.call_key, row]))
}

function toRow(judged: JudgedCall, before: Standing | undefined, revision: number, now: number) {
  const { call, judgement } = judged
  const changed = before !== undefined && before.verdict !== judgement.verdict
  return {
    call_key: judged.key,
    ts: stamp(startOf(call)),
    ...whoAndWhat(call),
    ...measured(call),
    verdict: judgement.verdict,
    previous_verdict: changed ? before.verdict : '',
    findings: judgement.findings.map(findingCode),
    reason: judgement.reason,
    compared: JSON.stringify(judgement.compared),
    due_at: judgement.dueAt === undefined ? null : stamp(judgement.dueAt),
    judged_at: stamp(now),
    changes: (before?.changes ?? 0) + (changed ? 1 : 0),
    superseded: 0,
    simulated: isSimulated(call) ? 1 : 0,
    batch: revision,
    loaded_at: stamp(now),
    revision,
  }
}

function startOf(call: Call): number {
  return call.gateway?.startedAt ?? call.content[0]?.at ?? mainAccess(call)?.at ?? 0
}

/** Each column from the first witness that gives it: gateway, then CloudTrail, then the invocation log. */
function whoAndWhat(call: Call) {
  const { gateway } = call
  const access = mainAccess(call)
  const content = call.content[0]
  const first = (...values: readonly (string | undefined)[]) =>
    values.find((value) => value !== undefined && value !== '') ?? ''
  const asSent = first(gateway?.model, access?.model, content?.model)
  const seen = seenBy(call)
  return {
    gateway: first(gateway?.gateway),
    call_id: first(gateway?.callId, access?.callId, content?.callId),
    aws_request_id: first(gateway?.awsRequestId, access?.requestId, content?.requestId),
    alias: first(gateway?.alias, access?.principalAlias, content?.principalAlias),
    principal_arn: first(access?.principalArn, content?.principalArn),
    team: first(gateway?.team),
    project: first(gateway?.project),
    cost_centre: first(gateway?.costCentre),
    session_claim: first(gateway?.session, content?.session),
    agent_claim: first(gateway?.agent),
    operation: first(gateway?.operation, access?.operation, content?.operation),
    model: parseModelId(asSent)?.model ?? asSent,
    model_as_sent: asSent,
    region: first(gateway?.region, access?.region, content?.region),
    account: first(gateway?.account, access?.account, content?.account),
    seen_access: Number(seen.includes('access')),
    seen_gateway: Number(seen.includes('gateway')),
    seen_content: Number(seen.includes('content')),
  }
}

function measured(call: Call) {
  const { gateway } = call
  const tokens = tokensOf(call)
  return {
    tokens_input: tokens.input ?? null,
    tokens_output: tokens.output ?? null,
    tokens_cache_read: tokens.cacheRead ?? null,
    tokens_cache_write: tokens.cacheWrite ?? null,
    result: gateway?.stage === 'intent' ? 'running' : outcomeOf(call),
    http_status: gateway?.httpStatus ?? 0,
    stop_reason: gateway?.stopReason ?? '',
    cost_micro_usd: gateway?.costMicroUsd ?? null,
    duration_ms: gateway?.durationMs ?? null,
    first_byte_ms: gateway?.firstByteMs ?? null,
  }
}

function tombstone(standing: Standing, revision: number, now: number) {
  return {
    call_key: standing.call_key,
    ts: stamp(standing.ts_ms),
    superseded: 1,
    judged_at: stamp(now),
    batch: revision,
    loaded_at: stamp(now),
    revision,
  }
}

function isSame(before: Standing, row: ReturnType<typeof toRow>): boolean {
  const due = row.due_at === null ? null : Date.parse(`${row.due_at}Z`)
  const seen = `${row.seen_access}${row.seen_gateway}${row.seen_content}`
  return (
    before.verdict === row.verdict &&
    before.reason === row.reason &&
    before.due_ms === due &&
    before.seen === seen &&
    before.findings.join() === row.findings.join()
  )
}

/** The gateway's own measurement first, then Bedrock's. */
function tokensOf(call: Call): Tokens {
  const measured = call.gateway?.tokens
  if (measured?.input !== undefined || measured?.output !== undefined) return measured
  return call.content[0]?.tokens ?? { input: undefined, output: undefined, cacheRead: undefined, cacheWrite: undefined }
}

function isSimulated(call: Call): boolean {
  return call.gateway?.simulated === true || [...call.access, ...call.content].some((row) => row.simulated)
}

/** ClickHouse's own form of a UTC moment. */
function stamp(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '')
}
