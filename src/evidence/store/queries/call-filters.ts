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

/** How values are held against a column: those that are whole by `=`, which an index can serve; the others as `part` says. */
interface Condition {
  readonly column: string
  readonly isWhole: (value: string) => boolean
  readonly part: (column: string, value: string) => string
}

const whole = (column: string): Condition => ({ column, isWhole: () => true, part: () => '0' })

/** One condition per filter, from this closed map; values are always bound. */
const conditions = {
  // What a list shortens is found by what it shows; a whole alias or ARN is meant as it stands.
  person: {
    column: whoColumn,
    isWhole: (value) => value === '' || value.length > 20 || value.includes(':'),
    part: (column, value) => `startsWith(${column}, ${value})`,
  },
  team: whole('team'),
  project: whole('project'),
  model: {
    column: 'model',
    isWhole: (value) => value === '' || /[.:]/.test(value),
    part: (column, value) => `position(${column}, ${value}) > 0`,
  },
  verdict: whole('verdict'),
  operation: whole('operation'),
  account: whole('account'),
  region: whole('region'),
  session: whole('session_claim'),
  /** A finding's code, or its kind alone: `bypass:bearer_key`, `blind`. */
  finding: {
    column: 'findings',
    isWhole: () => false,
    part: (column, value) => `arrayExists(f -> f = ${value} OR splitByChar(':', f)[1] = ${value}, ${column})`,
  },
  /** The beginning of a call id or an AWS request id. */
  q: {
    column: 'call_id',
    isWhole: () => false,
    part: (column, value) => `(startsWith(${column}, ${value}) OR startsWith(aws_request_id, ${value}))`,
  },
} as const satisfies Record<string, Condition>

/** The name of a filter. */
export type CallFilter = keyof typeof conditions
/** All filters. */
export const callFilters: readonly CallFilter[] = Object.keys(conditions).filter(isCallFilter)

/** True for the name of a filter. */
export function isCallFilter(name: string): name is CallFilter {
  return Object.hasOwn(conditions, name)
}

/** The WHERE of a selection. */
export function whereOf(selection: CallSelection): { readonly where: string; readonly params: Params } {
  const where = [withinWindow]
  const params: Record<string, string | number | readonly string[]> = { ...windowParams(selection.window) }
  for (const name of callFilters) {
    const values = selection.filters[name]
    if (values === undefined) continue
    if (values.is.length > 0) where.push(anyOf(name, name, values.is, params))
    if (values.not.length > 0) where.push(`NOT ${anyOf(name, `not_${name}`, values.not, params)}`)
  }
  return { where: where.join(' AND '), params }
}

/** Any of these values; each is bound under a name of its own. */
function anyOf(
  name: CallFilter,
  as: string,
  values: readonly string[],
  params: Record<string, string | number | readonly string[]>,
): string {
  const { column, isWhole, part }: Condition = conditions[name]
  const stored = values.map((value) => (value === nothing ? '' : value))
  const pieces = stored
    .filter((value) => !isWhole(value))
    .map((value, i) => {
      params[`${as}_${i}`] = value
      return part(column, `{${as}_${i}:String}`)
    })
  const wholes = stored.filter(isWhole)
  if (wholes.length > 0) {
    params[as] = wholes
    pieces.push(`${column} IN {${as}:Array(String)}`)
  }
  return `(${pieces.join(' OR ')})`
}
