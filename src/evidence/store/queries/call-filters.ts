import type { Params } from '../engine.ts'
import { type TimeWindow, windowParams, withinWindow } from './time-window.ts'

/** What a filter takes and what it leaves out; within a filter any of the values, across filters all. */
export interface FilterValues {
  readonly is: readonly string[]
  readonly not: readonly string[]
}

/** The span of time and the filters of a list of calls. */
export interface CallSelection {
  readonly window: TimeWindow
  readonly filters: Readonly<Partial<Record<CallFilter, FilterValues>>>
}

/** Who made a call: our alias of a person, else the principal that AWS names. */
export const whoColumn = "if(alias != '', alias, principal_arn)"

/** In a filter this stands for "says nothing". */
const nothing = '(none)'

const equals = (column: string) => (values: string) => `has(${values}, ${column})`
/** What a list shortens is found by what it shows; a whole alias or ARN is meant as it stands. */
const beginsWith = (column: string) => (values: string) =>
  `arrayExists(v -> if(length(v) > 20 OR position(v, ':') > 0 OR v = '', ${column} = v, startsWith(${column}, v)), ${values})`
const partOf = (column: string) => (values: string) =>
  `arrayExists(v -> if(position(v, '.') > 0 OR position(v, ':') > 0 OR v = '', ${column} = v, position(${column}, v) > 0), ${values})`

/** One condition per filter, from this closed map; values are always bound. */
const conditionOf = {
  person: beginsWith(whoColumn),
  team: equals('team'),
  project: equals('project'),
  model: partOf('model'),
  verdict: equals('verdict'),
  operation: equals('operation'),
  account: equals('account'),
  region: equals('region'),
  /** A finding's code, or its kind alone: `bypass:bearer_key`, `blind`. */
  finding: (values: string) =>
    `arrayExists(f -> has(${values}, f) OR has(${values}, splitByChar(':', f)[1]), findings)`,
  /** The beginning of a call id or an AWS request id. */
  q: (values: string) => `arrayExists(v -> startsWith(call_id, v) OR startsWith(aws_request_id, v), ${values})`,
} as const satisfies Record<string, (values: string) => string>

/** The name of a filter. */
export type CallFilter = keyof typeof conditionOf
/** All filters. */
export const callFilters: readonly CallFilter[] = Object.keys(conditionOf).filter(isCallFilter)

/** True for the name of a filter. */
export function isCallFilter(name: string): name is CallFilter {
  return Object.hasOwn(conditionOf, name)
}

/** The WHERE of a selection. */
export function whereOf(selection: CallSelection): { readonly where: string; readonly params: Params } {
  const where = [withinWindow]
  const params: Record<string, string | number | readonly string[]> = { ...windowParams(selection.window) }
  for (const name of callFilters) {
    const values = selection.filters[name]
    if (values === undefined) continue
    if (values.is.length > 0) {
      where.push(conditionOf[name](`{${name}:Array(String)}`))
      params[name] = values.is.map(asStored)
    }
    if (values.not.length > 0) {
      where.push(`NOT ${conditionOf[name](`{not_${name}:Array(String)}`)}`)
      params[`not_${name}`] = values.not.map(asStored)
    }
  }
  return { where: where.join(' AND '), params }
}

function asStored(value: string): string {
  return value === nothing ? '' : value
}
