import type { CallIntent, CallOutcome, Metering } from '../../record/gateway-call.ts'
import type { EndedCall } from './call-journal.ts'

/** What AWS answered, and how it was reached. */
export type Answered = Pick<CallOutcome, 'httpStatus' | 'errorCode' | 'awsRequestId' | 'accessKeyId' | 'attempts'>

/** How a call ended: what AWS answered, what the meter read, what came of it. */
export interface Told
  extends Pick<CallOutcome, 'result' | 'errorCode' | 'responseBytes' | 'firstByteMs' | 'longestGapMs' | 'drained'> {
  readonly answered: Answered
  readonly metering: Metering
}

/** What was reckoned at its end. */
export type Reckoned = Pick<CallOutcome, 'costMicroUsd' | 'pricesOf' | 'durationMs' | 'endedAt'>

/**
 * The outcome, which repeats the intent. Each field by its name: an object of this size that is spread together from several costs
 * more than all checks of it.
 */
export function outcomeOf(intent: CallIntent, told: Told, reckoned: Reckoned): EndedCall {
  const { answered, metering } = told
  return {
    call: intent.call,
    alias: intent.alias,
    principal: intent.principal,
    credential: intent.credential,
    operation: intent.operation,
    dialect: intent.dialect,
    streaming: intent.streaming,
    model: intent.model,
    region: intent.region,
    account: intent.account,
    team: intent.team,
    project: intent.project,
    attribution: intent.attribution,
    projectFrom: intent.projectFrom,
    costCentre: intent.costCentre,
    costCentreFrom: intent.costCentreFrom,
    policy: intent.policy,
    rule: intent.rule,
    limits: intent.limits,
    session: intent.session,
    agent: intent.agent,
    parentAgent: intent.parentAgent,
    awsSession: intent.awsSession,
    bodyBytes: intent.bodyBytes,
    bodyMac: intent.bodyMac,
    startedAt: intent.startedAt,
    simulated: intent.simulated,
    result: told.result,
    httpStatus: answered.httpStatus,
    errorCode: told.errorCode,
    awsRequestId: answered.awsRequestId,
    accessKeyId: answered.accessKeyId,
    inputTokens: metering.inputTokens,
    outputTokens: metering.outputTokens,
    cacheReadTokens: metering.cacheReadTokens,
    cacheWriteTokens: metering.cacheWriteTokens,
    cacheWrite1hTokens: metering.cacheWrite1hTokens,
    tokensFrom: metering.tokensFrom,
    stopReason: metering.stopReason,
    complete: metering.complete,
    streamError: metering.streamError,
    costMicroUsd: reckoned.costMicroUsd,
    pricesOf: reckoned.pricesOf,
    firstByteMs: told.firstByteMs,
    longestGapMs: told.longestGapMs,
    drained: told.drained,
    durationMs: reckoned.durationMs,
    responseBytes: told.responseBytes,
    attempts: answered.attempts,
    endedAt: reckoned.endedAt,
  }
}
