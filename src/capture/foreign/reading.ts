import type { ForeignCall } from '../../record/foreign-call.ts'

/** Whom a log names. Goes into the vault and nowhere else. */
export interface ToldPerson {
  readonly subject: string
  readonly email?: string
  readonly name?: string
}

/** What a line says of a call, before it is known whose log it is and who is behind the names. */
export type ToldCall = Omit<ForeignCall, 'product' | 'source' | 'id' | 'alias' | 'startedAt' | 'endedAt'> & {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number | undefined
}

/** Why a line could not be read; never what it held. */
export const foreignRefusals = {
  not_json: 'not JSON',
  not_an_object: 'not a JSON object',
  not_of_this_format: 'not a line of the named product’s log',
  no_time: 'no time of the named product’s form',
} as const
/** One reason. */
export type ForeignRefusal = keyof typeof foreignRefusals

/** A line, read: a call to Bedrock, something else that the product logs, or a refusal. */
export type ForeignReading =
  | { readonly kind: 'call'; readonly call: ToldCall; readonly person: ToldPerson | undefined }
  | { readonly kind: 'not_a_call' }
  | { readonly kind: 'refused'; readonly code: ForeignRefusal }

/** Reads one line of one product's log. Never throws; what it does not name stays where it is. */
export type ForeignReader = (line: object) => ForeignReading

/** Another kind of line, a call to another provider, or an answer out of a cache: AWS cannot have seen it. */
export const notACall: ForeignReading = { kind: 'not_a_call' }

/** The line is refused. */
export function refused(code: ForeignRefusal): ForeignReading {
  return { kind: 'refused', code }
}

/** A call of which nothing is known yet but when it began. */
export function callAt(startedAt: number): ToldCall {
  return {
    startedAt,
    endedAt: undefined,
    requestId: '',
    awsRequestId: '',
    model: '',
    operation: '',
    team: '',
    project: '',
    account: '',
    region: '',
    errorCode: '',
    stopReason: '',
  }
}
