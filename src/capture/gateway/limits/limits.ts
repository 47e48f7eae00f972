import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/logger.ts'
import { isTriptychError, TriptychError } from '../../../platform/triptych-error.ts'
import type { LimitsState } from '../../../record/gateway-call.ts'
import type { ModelId } from '../../../record/model-id.ts'
import type { CompiledLimit, PolicySubject } from '../policy/decide.ts'
import type { Count, Counters } from './counters.ts'
import { endsIn, type LimitedCall, type Meter, metersOf, type Spent } from './limit-meters.ts'

/** A call that wants to go out, as limits see it. */
export interface LimitQuestion extends LimitedCall {
  readonly subject: PolicySubject
  readonly modelId: ModelId
}

/** Leave to send one call; it must be settled, or given back, once. */
export interface Lease {
  /** Whether anything was counted: `unchecked` while the counts could not be asked and the configuration lets calls pass. */
  readonly state: LimitsState
  /** Limits that are used to the share at which one is warned, as `name 85%`. */
  readonly warnings: readonly string[]
  /** The call is over: what it used is added, its place is given back. Never rejects. */
  settle(spent: Spent): Promise<void>
}

/** Holds calls against the limits of the policy in force. */
export interface Limits {
  /** Throws GATEWAY_LIMIT_REACHED, GATEWAY_BUDGET_SPENT (429, with the seconds after which it is worth trying), LIMITS_UNAVAILABLE. */
  admit(question: LimitQuestion): Promise<Lease>
}

/** What limits need. */
export interface LimitsParts {
  readonly limits: () => readonly CompiledLimit[]
  readonly counters: Counters
  readonly clock: Clock
  readonly logger: Logger
  /** What happens to calls while the counts cannot be asked. */
  readonly onFailure: 'refuse' | 'allow'
  /** From which share of a limit on one is warned, such as 0.8. */
  readonly warnAt: number
  /** Each time the counts go away or come back. */
  readonly note: (state: 'away' | 'back') => Promise<unknown>
}

const free: Lease = { state: 'none', warnings: [], settle: async () => undefined }

/**
 * Token and money limits are held against what was used before, for nobody knows what a call will use; requests and calls at a time
 * are counted before they are sent.
 */
export function createLimits(parts: LimitsParts): Limits {
  let away = false
  const noteState = (now: boolean) => {
    if (away === now) return
    away = now
    parts.logger[now ? 'error' : 'info'](now ? 'gateway.limits.away' : 'gateway.limits.back')
    void parts.note(now ? 'away' : 'back').catch(() => parts.logger.error('gateway.limits.unwritten'))
  }
  return {
    async admit(question) {
      const concerned = parts.limits().filter((one) => one.concerns(question.subject, question.modelId))
      if (concerned.length === 0) return free
      const meters = concerned.flatMap(({ limit }) => metersOf(limit, question, parts.clock.now()))
      try {
        const lease = await take(parts, meters)
        noteState(false)
        return lease
      } catch (cause) {
        if (!isTriptychError(cause, 'LIMITS_UNAVAILABLE')) throw cause
        noteState(true)
        if (parts.onFailure === 'refuse') throw cause
        return { ...free, state: 'unchecked' }
      }
    },
  }
}

async function take(parts: LimitsParts, meters: readonly Meter[]): Promise<Lease> {
  const warnings: string[] = []
  const look = (meter: Meter, used: number, count: Count) => {
    if (used > meter.most) throw refusalOf(meter, endsIn(meter.window, parts.clock.now(), count))
    if (used >= meter.most * parts.warnAt) warnings.push(`${meter.limit} ${Math.floor((used / meter.most) * 100)}%`)
  }
  // What is only known afterwards: one more is fine as long as the limit has not been reached.
  const later = meters.filter(({ before }) => before === 0)
  const counts = await Promise.all(later.map((meter) => parts.counters.read(meter.window, meter.key)))
  later.forEach((meter, i) => {
    const count = counts[i]
    if (count !== undefined) look(meter, count.used >= meter.most ? meter.most + 1 : count.used, count)
  })
  const taken: Meter[] = []
  try {
    for (const meter of meters.filter(({ before }) => before > 0)) {
      const count = await parts.counters.add(meter.window, meter.key, meter.before)
      taken.push(meter)
      look(meter, count.used, count)
    }
  } catch (cause) {
    await giveBack(parts, taken)
    throw cause
  }
  return { state: 'checked', warnings, settle: (spent) => settle(parts, meters, spent) }
}

/** A call that did not go out has used nothing. */
async function giveBack(parts: LimitsParts, taken: readonly Meter[]): Promise<void> {
  for (const { window, key, before } of taken) await parts.counters.add(window, key, -before).catch(() => undefined)
}

async function settle(parts: LimitsParts, meters: readonly Meter[], spent: Spent): Promise<void> {
  for (const meter of meters) {
    const amount = meter.after(spent)
    if (amount === 0) continue
    await parts.counters.add(meter.window, meter.key, amount).catch(() => {
      parts.logger.error('gateway.limits.uncounted', { limit: meter.limit, amount })
    })
  }
}

const shortestWaitSeconds = 1

function refusalOf(meter: Meter, endsInMs: number): TriptychError {
  const retryAfterSeconds =
    meter.window === 'running' ? shortestWaitSeconds : Math.max(shortestWaitSeconds, Math.ceil(endsInMs / 1000))
  const code = meter.quantity === 'usdPerMonth' ? 'GATEWAY_BUDGET_SPENT' : 'GATEWAY_LIMIT_REACHED'
  return new TriptychError(code, { limit: meter.limit, quantity: meter.quantity, retryAfterSeconds })
}
