import { type Limit, quantities } from '../policy/policy.ts'
import type { Count, CountWindow } from './counters.ts'

/** On whom and what a call is counted. */
export interface LimitedCall {
  /** A keyed hash of who it is, the same at every gateway: aliases are a gateway's own. */
  readonly person: string
  readonly team: string
  readonly project: string
  /** The base model, or the whole text of an opaque id. */
  readonly model: string
}

/** What a call used; a number nobody measured is absent, and then not counted. */
export interface Spent {
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly cacheWriteTokens?: number | undefined
  readonly costMicroUsd?: number | undefined
}

/** One count that one limit keeps for one call. */
export interface Meter {
  readonly limit: string
  readonly quantity: (typeof quantities)[number]
  readonly window: CountWindow
  readonly key: string
  readonly most: number
  /** Counted before the call goes out; 0 where only its end tells. */
  readonly before: number
  /** Counted when it is over; negative: given back. */
  after(spent: Spent): number
}

interface QuantityRule {
  readonly window: CountWindow
  readonly unit: number
  readonly before: number
  after(spent: Spent): number
}

const microUsd = 1_000_000
const freshInput = ({ inputTokens = 0, cacheWriteTokens = 0 }: Spent) => inputTokens + cacheWriteTokens
const output = ({ outputTokens = 0 }: Spent) => outputTokens
const nothing = () => 0

const quantityRules: Readonly<Record<(typeof quantities)[number], QuantityRule>> = {
  requestsPerMinute: { window: 'minute', unit: 1, before: 1, after: nothing },
  inputTokensPerMinute: { window: 'minute', unit: 1, before: 0, after: freshInput },
  outputTokensPerMinute: { window: 'minute', unit: 1, before: 0, after: output },
  inputTokensPerDay: { window: 'day', unit: 1, before: 0, after: freshInput },
  outputTokensPerDay: { window: 'day', unit: 1, before: 0, after: output },
  usdPerMonth: { window: 'month', unit: microUsd, before: 0, after: ({ costMicroUsd = 0 }) => costMicroUsd },
  concurrent: { window: 'running', unit: 1, before: 1, after: () => -1 },
}

/** The counts that a limit keeps for a call. A call without the label that it goes by (no team, no project) shares one count. */
export function metersOf(limit: Limit, call: LimitedCall, now: number): readonly Meter[] {
  return quantities.flatMap((quantity) => {
    const most = limit[quantity]
    if (most === undefined) return []
    const { window, unit, before, after } = quantityRules[quantity]
    const key = [limit.name, quantity, subjectOf(limit, call), periodOf(window, now)].join('|')
    return [{ limit: limit.name, quantity, window, key, most: most * unit, before, after }]
  })
}

function subjectOf({ by }: Limit, call: LimitedCall): string {
  switch (by) {
    case 'person':
      return call.person
    case 'team':
      return `team ${call.team}`
    case 'project':
      return `project ${call.project}`
    case 'model':
      return call.model
    case 'all':
      return 'all'
  }
}

/** Days and months are UTC's: their count is another's as soon as the next begins. */
export function periodOf(window: CountWindow, now: number): string {
  const iso = new Date(now).toISOString()
  if (window === 'day') return iso.slice(0, 10)
  return window === 'month' ? iso.slice(0, 7) : ''
}

/** When the stretch over which something is counted is over, ms from now; `count` says it where it is no day or month of the calendar. */
export function endsIn(window: CountWindow, now: number, count: Count): number {
  const at = new Date(now)
  if (window === 'day') return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1) - now
  if (window === 'month') return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1) - now
  return count.endsInMs
}
