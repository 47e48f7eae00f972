import type { AccessWitness, Call, Compared, GatewayWitness, Judgement } from '../../record/call.ts'
import { mustShow } from '../../record/expectations.ts'
import type { BypassReason, Finding, Layer } from '../../record/finding.ts'
import { isForeignGateway } from '../../record/foreign-call.ts'
import { isOperation } from '../../record/operation.ts'
import { type Outcome, outcomeOfAccessError } from '../../record/outcome.ts'
import { compareWitnesses, mainAccess } from './compare.ts'
import type { LayerState } from './coverage.ts'
import { decideVerdict } from './decide-verdict.ts'
import { type ForeignCoverage, foreignOrigin } from './foreign-coverage.ts'

/** How far a gateway's journal is known around a moment. */
export type JournalState = 'complete' | 'hole' | 'behind'

/** What is known beside the witnesses. All of it is passed in: the judgement itself is a pure function. */
export interface JudgeContext {
  readonly now: number
  /** `final`: what has not come by then never comes. */
  readonly windowMs: { readonly access: number; readonly content: number; readonly final: number }
  /** Up to when the layer's sources have been read, ms: nothing is missing that nobody has looked for. */
  readonly readUntil: (layer: 'access' | 'content') => number
  /** From when on the layer's sources have been read, ms: what is older is still being read. */
  readonly readFrom: (layer: 'access' | 'content') => number
  /** Whether the MAC of a call id is ours. */
  readonly isOurCallId: (callId: string) => boolean
  /** Whether the journal of the gateway that a call id names is known to be whole at the moment the id was made. */
  readonly journalOf: (callId: string) => JournalState
  readonly coverageOf: (layer: 'access' | 'content', account: string, region: string, at: number) => LayerState
  readonly contentPolicy: (account: string, region: string, at: number) => 'none' | 'keep'
  /** The approval under which a principal may call directly. */
  readonly approvalOf: (
    principalArn: string,
    roleArn: string,
    model: string,
    at: number,
  ) => { readonly until: string } | undefined
  /** True for an access key that a gateway of ours was given by STS. */
  readonly isOurSession: (accessKeyId: string) => boolean
  readonly ourRoles: readonly string[]
  /** False where none is configured and no journal of one was ever read: then nothing goes round it. */
  readonly hasGateway: boolean
  /** Gateways of other products whose logs were taken in. */
  readonly foreign: readonly ForeignCoverage[]
  /** Pseudonyms of the addresses under which AWS sees our gateways; empty: not checked. */
  readonly gatewayAddresses: ReadonlySet<string>
}

/** Findings and verdict of one call, from what its witnesses say. */
export function judge(call: Call, context: JudgeContext): Judgement {
  const compared = compareWitnesses(call)
  const findings: Finding[] = [
    ...contentFindings(call, context),
    ...originFindings(call, context),
    ...contradictions(call, compared),
    ...absences(call, context),
  ]
  const { verdict, reason } = decideVerdict(call, findings)
  const awaited = findings.some((finding) => finding.kind === 'awaited' || finding.kind === 'journal_behind')
  return { verdict, findings, compared, reason, dueAt: awaited ? dueAtOf(call, findings, context) : undefined }
}

/** When the call ended, as well as anyone can tell: windows are counted from here. */
export function endOf(call: Call): number {
  const { gateway } = call
  return gateway?.endedAt ?? mainAccess(call)?.at ?? gateway?.startedAt ?? call.content[0]?.at ?? 0
}

/** How the call ended, by the gateway if it knows, else by CloudTrail, else by the invocation log. */
export function outcomeOf(call: Call): Outcome {
  if (call.gateway?.stage === 'refused') return 'refused'
  if (call.gateway?.result !== undefined) return call.gateway.result
  const access = mainAccess(call)
  if (access !== undefined) return outcomeOfAccessError(access.errorCode)
  return call.content[0] === undefined ? 'unknown' : outcomeOfAccessError(call.content[0].errorCode)
}

function contentFindings(call: Call, context: JudgeContext): readonly Finding[] {
  const breach = call.content.some(
    (row) => row.hasBody && context.contentPolicy(row.account, row.region, row.at) === 'none',
  )
  return breach ? [{ kind: 'content_unexpected' }] : []
}

/** Did a gateway of ours send it? Asked only when AWS saw it. */
function originFindings(call: Call, context: JudgeContext): readonly Finding[] {
  const { gateway } = call
  if (gateway?.stage === 'refused')
    return call.access.length + call.content.length > 0 ? [bypass('no_gateway_record')] : []
  const access = mainAccess(call)
  if (gateway !== undefined && isForeignGateway(gateway.gateway))
    // It may stand before a gateway of ours, whose journal must have it as well.
    return access !== undefined && context.isOurCallId(access.callId)
      ? originByCallId(access.callId, access.at, context)
      : []
  if (gateway !== undefined)
    return call.access.flatMap((row) => (cameFromElsewhere(row, context) ? [bypass('stolen_session')] : []))
  if (access === undefined) return originOfContentOnly(call, context)
  if (access.callId !== '' && context.isOurCallId(access.callId))
    return originByCallId(access.callId, access.at, context)
  const forged: Finding[] = access.callId === '' ? [] : [{ kind: 'call_id_not_ours' }]
  const approval = context.approvalOf(access.principalArn, access.roleArn, access.model, access.at)
  if (approval !== undefined) return [...forged, { kind: 'expected_direct', ...approval }]
  return [...forged, withoutGateway(access, context)]
}

/** Nothing of ours sent it. Another product's gateway may have: then its log must be able to say that it did not. */
function withoutGateway(access: AccessWitness, context: JudgeContext): Finding {
  const moment = { at: access.at, failed: access.errorCode !== '' }
  const open = foreignOrigin(context.foreign, moment, context.now, context.windowMs.access)
  if (context.hasGateway) return open?.kind === 'awaited' ? open : bypass(reasonOf(access, context))
  if (context.foreign.length === 0) return { kind: 'no_gateway' }
  return open ?? bypass('not_in_gateway_log')
}

/** A gateway of ours sent it: its journal must have it, or has a hole there, or is still to come. */
function originByCallId(callId: string, at: number, context: JudgeContext): readonly Finding[] {
  const journal = context.journalOf(callId)
  const given = context.now >= at + context.windowMs.final
  if (journal === 'behind' && !given) return [{ kind: 'journal_behind' }]
  return [journal === 'complete' ? bypass('no_gateway_record') : { kind: 'journal_hole' }]
}

function originOfContentOnly(call: Call, context: JudgeContext): readonly Finding[] {
  const content = call.content[0]
  if (content === undefined) return []
  if (content.callId !== '' && context.isOurCallId(content.callId))
    return originByCallId(content.callId, content.at, context)
  const absence = absenceOf('access', call, context)
  // Only CloudTrail says whose call it was in a way that accuses: where it could not see, nobody is accused.
  if (absence.kind !== 'missing') return [absence]
  const approval = context.approvalOf(content.principalArn, '', content.model, content.at)
  if (approval !== undefined) return [absence, { kind: 'expected_direct', ...approval }]
  if (context.hasGateway) return [absence, bypass('not_our_role')]
  if (context.foreign.length === 0) return [absence, { kind: 'no_gateway' }]
  const moment = { at: content.at, failed: content.errorCode !== '' }
  const open = foreignOrigin(context.foreign, moment, context.now, context.windowMs.access)
  return [absence, open ?? bypass('not_in_gateway_log')]
}

function reasonOf(access: AccessWitness, context: JudgeContext): BypassReason {
  if (access.bearer) return 'bearer_key'
  if (access.eventSource !== 'bedrock.amazonaws.com') return 'other_endpoint'
  if (context.isOurSession(access.accessKeyId)) return 'stolen_session'
  return context.ourRoles.includes(access.roleArn) ? 'unknown_session' : 'not_our_role'
}

function cameFromElsewhere(access: AccessWitness, context: JudgeContext): boolean {
  return (
    context.gatewayAddresses.size > 0 &&
    access.sourceAddress !== '' &&
    !context.gatewayAddresses.has(access.sourceAddress)
  )
}

function contradictions(call: Call, compared: readonly Compared[]): readonly Finding[] {
  const fields = [...new Set(compared.filter((row) => !row.agree).map((row) => row.field))]
  const findings: Finding[] = fields.map((field) => ({ kind: 'mismatch', field }))
  const requestIds = new Set([...call.access, ...call.content].map((row) => row.requestId))
  const sent = Math.max(1, call.gateway?.attempts ?? 1)
  if (requestIds.size > sent) findings.push({ kind: 'call_id_repeated' })
  return findings
}

/** What of the witnesses is not there, and whether that accuses anybody. */
function absences(call: Call, context: JudgeContext): readonly Finding[] {
  const { gateway } = call
  if (gateway?.stage === 'refused') return [{ kind: 'refused', code: gateway.refusalCode }]
  if (gateway?.stage === 'intent') {
    // A gateway that never came back to say.
    const given = context.now >= gateway.startedAt + context.windowMs.final
    return [given ? { kind: 'outcome_unknown' } : { kind: 'awaited', layer: 'gateway' }]
  }
  if (gateway !== undefined && isForeignGateway(gateway.gateway) && gateway.awsRequestId === '')
    return [{ kind: 'no_aws_request_id', gateway: gateway.gateway }]
  const found: Finding[] = gateway?.result === 'unknown' ? [{ kind: 'outcome_unknown' }] : []
  if (call.access.length === 0 && gateway !== undefined) found.push(absenceOf('access', call, context))
  if (call.content.length === 0) found.push(absenceOf('content', call, context))
  return found
}

function absenceOf(layer: 'access' | 'content', call: Call, context: JudgeContext): Finding {
  const operation = asOperation(firstTold(call, 'operation'))
  const end = endOf(call)
  const state = context.coverageOf(layer, firstTold(call, 'account'), firstTold(call, 'region'), end)
  if (state.state === 'blind') return { kind: 'blind', layer, why: state.why }
  const delivered = end + context.windowMs[layer]
  if (context.now < delivered) return { kind: 'awaited', layer }
  if (context.readUntil(layer) < delivered || end < context.readFrom(layer)) {
    const given = context.now >= end + context.windowMs.final
    return given ? { kind: 'blind', layer, why: 'its source has not been read' } : { kind: 'awaited', layer }
  }
  // Which operation it was, another product's log does not say: then what is known of the layer says more.
  const unseen = state.state === 'complete' ? undefined : state.why
  if (operation === undefined && unseen !== undefined) return { kind: 'blind', layer, why: unseen }
  if (!mustShow(operation, outcomeOf(call), layer)) return { kind: 'not_required', layer }
  return unseen === undefined ? { kind: 'missing', layer } : { kind: 'blind', layer, why: unseen }
}

/** From the first witness that says it: another product's log leaves much out. */
function firstTold(call: Call, field: 'operation' | 'account' | 'region'): string {
  const told = [call.gateway, mainAccess(call), call.content[0]].map((witness) => witness?.[field] ?? '')
  return told.find((text) => text !== '') ?? ''
}

function asOperation(text: string | undefined) {
  return text !== undefined && isOperation(text) ? text : undefined
}

/** Soonest it makes sense to look again at what is waited for, ms: an hour is a long time to look busy. */
const lookAgainMs = { least: 1_000, most: 60_000 } as const

/** The end of the window that is waited for; where it is over, or nothing has one, a short while from now. */
function dueAtOf(call: Call, findings: readonly Finding[], context: JudgeContext): number {
  const end = endOf(call)
  const windows = findings.flatMap((finding) => {
    const layer = finding.kind === 'awaited' && finding.layer !== 'gateway' ? finding.layer : undefined
    return layer === undefined ? [] : [end + context.windowMs[layer]]
  })
  const next = windows.filter((at) => at > context.now)
  const soon = context.now + Math.min(Math.max(context.windowMs.access / 10, lookAgainMs.least), lookAgainMs.most)
  return next.length === 0 ? soon : Math.min(...next)
}

function bypass(reason: BypassReason): Finding {
  return { kind: 'bypass', reason }
}

/** The layers of which the call has a record. */
export function seenBy(call: {
  readonly gateway: GatewayWitness | undefined
  readonly access: readonly unknown[]
  readonly content: readonly unknown[]
}): readonly Layer[] {
  const seen: Layer[] = []
  if (call.access.length > 0) seen.push('access')
  if (call.gateway !== undefined) seen.push('gateway')
  if (call.content.length > 0) seen.push('content')
  return seen
}
