// Faults on order: what shall go wrong, for which calls and how often.
import { z } from 'zod'
import { SimulatorError } from './simulator-error.ts'

/** Faults that change the answer; at most one of them strikes a call. */
export const answerFaults = [
  'throttle',
  'error-500',
  'error-503',
  'model-timeout',
  'die-mid-stream',
  'exception-mid-stream',
  'truncate-stream',
  'corrupt-frame',
  'stall',
  'refuse-connection',
  'lost-answer',
] as const

/** Faults that change what AWS writes down; they add to the others. */
export const recordFaults = ['no-cloudtrail', 'no-content', 'duplicate-cloudtrail', 'late-cloudtrail', 'late-content'] as const

/** Every kind. */
export type AnswerFault = (typeof answerFaults)[number]
/** Every kind. */
export type RecordFault = (typeof recordFaults)[number]

const faultSchema = z.strictObject({
  kind: z.enum([...answerFaults, ...recordFaults]),
  match: z
    .strictObject({ operation: z.string(), modelIncludes: z.string(), region: z.string(), userAgentIncludes: z.string() })
    .partial()
    .optional(),
  times: z.number().int().min(1).default(1),
})

/** An order: which calls, what, how often (once by default). */
export type FaultOrder = z.input<typeof faultSchema>

/** What a call looks like to the matcher. */
export interface FaultSubject {
  readonly operation: string
  readonly modelId: string
  readonly region: string
  readonly userAgent: string
}

/** What strikes one call. */
export interface Strikes {
  readonly answer?: AnswerFault
  readonly records: ReadonlySet<RecordFault>
}

type Standing = z.output<typeof faultSchema>

function matches(fault: Standing, subject: FaultSubject): boolean {
  const want = fault.match ?? {}
  return (
    (want.operation ?? subject.operation) === subject.operation &&
    subject.modelId.includes(want.modelIncludes ?? '') &&
    (want.region ?? subject.region) === subject.region &&
    subject.userAgent.includes(want.userAgentIncludes ?? '')
  )
}

const isAnswerFault = (kind: string): kind is AnswerFault => answerFaults.some((known) => known === kind)
const isRecordFault = (kind: string): kind is RecordFault => recordFaults.some((known) => known === kind)

/** The orders that still stand, in the order they were given. */
export class Faults {
  #standing: Standing[] = []

  /** Adds an order; an unknown kind or key is refused. */
  push(order: unknown): void {
    const parsed = faultSchema.safeParse(order)
    if (!parsed.success) throw new SimulatorError('SIM_FAULT_UNKNOWN', z.prettifyError(parsed.error))
    this.#standing.push(parsed.data)
  }

  /** Takes back every order. */
  clear(): void {
    this.#standing = []
  }

  /** How many strikes are still to come. */
  get remaining(): number {
    return this.#standing.reduce((sum, fault) => sum + fault.times, 0)
  }

  /** Uses up the orders that meet this call. */
  strike(subject: FaultSubject): Strikes {
    let answer: AnswerFault | undefined
    const records = new Set<RecordFault>()
    for (const fault of this.#standing) {
      if (!matches(fault, subject)) continue
      if (isRecordFault(fault.kind) && !records.has(fault.kind)) records.add(fault.kind)
      else if (isAnswerFault(fault.kind) && answer === undefined) answer = fault.kind
      else continue
      fault.times -= 1
    }
    this.#standing = this.#standing.filter((fault) => fault.times > 0)
    return { ...(answer === undefined ? {} : { answer }), records }
  }
}
