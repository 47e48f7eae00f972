import { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import type { Journal } from '../../platform/journal/journal.ts'
import type { JsonObject } from '../../platform/journal/line.ts'
import type { PlacedLine } from '../../platform/journal/read-segment.ts'
import { createRecordWriter } from '../../platform/journal/record-writer.ts'
import type { Logger } from '../../platform/logger.ts'
import { isTriptychError } from '../../platform/triptych-error.ts'
import {
  type CallAttempt,
  type CallIntent,
  type CallOutcome,
  type CallRefusal,
  callIntentSchema,
  gatewayRecordSchemas,
  type LimitsChanged,
  type PolicyChanged,
  type SessionOpened,
} from '../../record/gateway-call.ts'
import { recordForm } from '../../record/record-form.ts'
import { RefusalLimit } from './refusal-limit.ts'

/** Layer 2's record: what was about to happen, what happened, what was refused. It holds metadata only. */
export interface CallJournal {
  intent(intent: CallIntent): Promise<void>
  attempt(attempt: CallAttempt): Promise<void>
  /** Never rejects: the call is over. What could not be written is tried again with each heartbeat, and is `unknown` after a crash. */
  outcome(outcome: EndedCall): Promise<void>
  /** Of a caller that nobody knows each credential is written once a minute, and only so many a second; the next heartbeat counts the others. */
  refused(refusal: CallRefusal): Promise<void>
  sessionOpened(opened: SessionOpened): Promise<void>
  policyChanged(change: PolicyChanged): Promise<void>
  limitsChanged(change: LimitsChanged): Promise<void>
  heartbeat(version: string, simulated: boolean): Promise<void>
  /** Calls that a gateway which died left open become `unknown`; returns how many. */
  settle(): Promise<number>
  inFlight(): number
  writable(): boolean
}

/** An outcome before the journal adds where its intent stands. */
export type EndedCall = Omit<CallOutcome, 'intentSeq'>

/** A call that was sent and has no outcome yet; its intent as it stands in the journal. */
export interface OpenCall {
  readonly intent: JsonObject
  readonly seq: number
}

/** What is open at any moment, so that a new segment can say so in its first record. It follows the journal record by record. */
export class OpenCalls {
  readonly #open = new Map<string, OpenCall>()

  get size(): number {
    return this.#open.size
  }

  /** The journal's own word that a record is durable. */
  note(type: string, body: JsonObject, seq: number): void {
    const call = String(body['call'])
    if (type === 'call.outcome') this.#open.delete(call)
    if (type === 'call.intent') this.#open.set(call, { intent: body, seq })
  }

  seqOf(call: string): number {
    return this.#open.get(call)?.seq ?? 0
  }

  all(): readonly OpenCall[] {
    return [...this.#open.values()]
  }
}

const carriedSchema = z.object({ open: z.array(z.object({ intent: z.unknown(), seq: z.number() })) })
const metadataOnly = ['metadata'] as const
const forms = {
  'call.intent': recordForm(gatewayRecordSchemas['call.intent'], metadataOnly),
  'call.attempt': recordForm(gatewayRecordSchemas['call.attempt'], metadataOnly),
  'call.outcome': recordForm(gatewayRecordSchemas['call.outcome'], metadataOnly),
  'call.refused': recordForm(gatewayRecordSchemas['call.refused'], metadataOnly),
  'refusals.repeated': recordForm(gatewayRecordSchemas['refusals.repeated'], metadataOnly),
  'session.opened': recordForm(gatewayRecordSchemas['session.opened'], metadataOnly),
  'policy.changed': recordForm(gatewayRecordSchemas['policy.changed'], metadataOnly),
  'limits.changed': recordForm(gatewayRecordSchemas['limits.changed'], metadataOnly),
  'gateway.heartbeat': recordForm(gatewayRecordSchemas['gateway.heartbeat'], metadataOnly),
}

/** The journal in the gateway's own words. `open` must be the one that the journal's `appended` and `carry` use. */
export function createCallJournal(journal: Journal, open: OpenCalls, clock: Clock, logger: Logger): CallJournal {
  const write = createRecordWriter(journal, forms)
  const limit = new RefusalLimit()
  const unwritten = new Map<string, EndedCall>()
  const outcome = async (body: EndedCall) => {
    try {
      // Nobody waits for an outcome: its own sync would only stand before the next call's intent.
      await write('call.outcome', { ...body, intentSeq: open.seqOf(body.call) }, 'soon')
      unwritten.delete(body.call)
    } catch (cause) {
      unwritten.set(body.call, body)
      logger.error('gateway.outcome.unwritten', {
        call: body.call,
        code: isTriptychError(cause) ? cause.code : 'INTERNAL',
      })
    }
  }
  return {
    async intent(intent) {
      try {
        await write('call.intent', intent)
      } catch (cause) {
        // It stands in the journal and did not reach its second place: the call does not go out, and the record says so.
        if (open.seqOf(intent.call) !== 0) await outcome(neverSent(intent, clock))
        throw cause
      }
    },
    attempt: async (attempt) => void (await write('call.attempt', attempt)),
    outcome,
    async refused(refusal) {
      if (refusal.alias === '' && !limit.admits(clock.now(), refusal.credential, refusal.code)) return
      await write('call.refused', refusal)
    },
    sessionOpened: async (opened) => void (await write('session.opened', opened)),
    policyChanged: async (change) => void (await write('policy.changed', change)),
    limitsChanged: async (change) => void (await write('limits.changed', change)),
    async heartbeat(version, simulated) {
      const refusedUnrecorded = limit.beyond
      await write('gateway.heartbeat', { inFlight: open.size, refusedUnrecorded, version, simulated })
      limit.settle(refusedUnrecorded)
      for (const { from, to, ...repeated } of limit.takeRepeated(clock.now())) {
        const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
        await write('refusals.repeated', { ...repeated, ...span })
      }
      // The disk took a record again: what it refused before is still owed.
      for (const owed of [...unwritten.values()]) await outcome(owed)
    },
    async settle() {
      const left = callsLeftOpen(journal.tail.lines)
      for (const { intent, seq } of left) open.note('call.intent', intent, seq)
      for (const { intent } of left) await outcome(unknownOutcome(intent, clock))
      return left.length
    },
    inFlight: () => open.size,
    writable: () => journal.writable(),
  }
}

/** Intents without an outcome, from the last segment alone: its first record carries what was open before it. */
function callsLeftOpen(lines: readonly PlacedLine[]): readonly { readonly intent: CallIntent; readonly seq: number }[] {
  const left = new Map<string, { readonly intent: CallIntent; readonly seq: number }>()
  const add = (body: unknown, seq: number) => {
    const intent = callIntentSchema.safeParse(body)
    if (intent.success) left.set(intent.data.call, { intent: intent.data, seq })
  }
  for (const { line } of lines) {
    const carried = line.type === 'segment.opened' ? carriedSchema.safeParse(line.body) : undefined
    for (const { intent, seq } of carried?.data?.open ?? []) add(intent, seq)
    if (line.type === 'call.intent') add(line.body, line.seq)
    if (line.type === 'call.outcome') left.delete(String(line.body['call']))
  }
  return [...left.values()]
}

function unknownOutcome(intent: CallIntent, clock: Clock): EndedCall {
  return { ...unanswered(intent, clock), result: 'unknown', errorCode: 'gateway_died' }
}

function neverSent(intent: CallIntent, clock: Clock): EndedCall {
  return { ...unanswered(intent, clock), result: 'refused', errorCode: 'replica' }
}

function unanswered(intent: CallIntent, clock: Clock): Omit<EndedCall, 'result' | 'errorCode'> {
  return {
    ...intent,
    httpStatus: 0,
    awsRequestId: '',
    accessKeyId: '',
    tokensFrom: 'none',
    stopReason: '',
    complete: false,
    streamError: '',
    drained: false,
    durationMs: Math.max(0, clock.now() - Date.parse(intent.startedAt)),
    responseBytes: 0,
    attempts: 0,
    endedAt: new Date(clock.now()).toISOString(),
  }
}
