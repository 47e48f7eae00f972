import { isVerdictName } from '../verdict/verdict-table.ts'
import { type ColumnId, columnIds, isColumnId } from './column-ids.ts'
import type { SearchWords } from './search-text.ts'
import { readWindow, type WindowView, writeWindow } from './window-view.ts'

/** What a list can be narrowed by. */
export const filterNames = [
  'verdict',
  'person',
  'model',
  'team',
  'project',
  'session',
  'operation',
  'account',
  'region',
  'finding',
  'q',
] as const
/** One of them. */
export type FilterName = (typeof filterNames)[number]

/** In the address this stands for "says nothing". */
export const nothing = '(none)'

/** Within a filter any of the values, across filters all; `not` leaves out. */
export interface FilterValues {
  readonly is: readonly string[]
  readonly not: readonly string[]
}
/** All filters of a list. */
export type Filters = Readonly<Partial<Record<FilterName, FilterValues>>>

/** By which column rows are put in order. */
export interface SortView {
  readonly column: ColumnId
  readonly descending: boolean
}

/** Everything a list of calls shows, as its address says it. */
export interface CallsView {
  readonly window: WindowView
  readonly filters: Filters
  readonly columns: readonly ColumnId[] | undefined
  readonly sort: SortView | undefined
  /** The key of the call that is peeked at. */
  readonly peek: string | undefined
}

const known = new Set<string>([
  'since',
  'until',
  'columns',
  'sort',
  'peek',
  ...filterNames.flatMap((name) => [name, `${name}!`]),
])

/** Reads an address; what cannot be understood is named in `ignored`. */
export function readCallsView(words: SearchWords): CallsView & { readonly ignored: readonly string[] } {
  const { ignored: ignoredMoments, ...window } = readWindow(words)
  const ignored = [...ignoredMoments]
  for (const [name, value] of Object.entries(words)) if (!known.has(name)) ignored.push(`${name}=${value}`)
  const filters: Partial<Record<FilterName, FilterValues>> = {}
  for (const name of filterNames) {
    const values = { is: valuesOf(words, name, ignored), not: name === 'q' ? [] : valuesOf(words, `${name}!`, ignored) }
    if (values.is.length + values.not.length > 0) filters[name] = values
  }
  return {
    window,
    filters,
    columns: readColumns(words['columns'], ignored),
    sort: readSort(words['sort'], ignored),
    peek: words['peek'],
    ignored,
  }
}

function valuesOf(words: SearchWords, name: string, ignored: string[]): readonly string[] {
  const text = words[name]
  if (text === undefined || text === '') return []
  if (name === 'q') return [text.trim()].filter((value) => value !== '')
  const values = [...new Set(text.split(',').filter((value) => value !== ''))]
  if (name !== 'verdict' && name !== 'verdict!') return values
  for (const value of values) if (!isVerdictName(value)) ignored.push(`${name}=${value}`)
  return values.filter(isVerdictName)
}

function readColumns(text: string | undefined, ignored: string[]): readonly ColumnId[] | undefined {
  if (text === undefined) return undefined
  const names = text.split(',')
  for (const name of names) if (!isColumnId(name)) ignored.push(`columns=${name}`)
  const chosen = columnIds.filter((id) => names.includes(id))
  return chosen.length === 0 ? undefined : chosen
}

function readSort(text: string | undefined, ignored: string[]): SortView | undefined {
  if (text === undefined) return undefined
  const [, column = '', direction] = /^([a-z_]+)(?:\.(asc|desc))?$/.exec(text) ?? []
  if (isColumnId(column)) return { column, descending: direction !== 'asc' }
  ignored.push(`sort=${text}`)
  return undefined
}

/** The words of a view; `read` gives the same view back. */
export function writeCallsView(view: Partial<CallsView>): Record<string, string> {
  const words: Record<string, string> = {}
  for (const name of filterNames) {
    const values = view.filters?.[name]
    if (values === undefined) continue
    if (values.is.length > 0) words[name] = values.is.join(',')
    if (values.not.length > 0) words[`${name}!`] = values.not.join(',')
  }
  if (view.columns !== undefined) words['columns'] = view.columns.join(',')
  if (view.sort !== undefined) words['sort'] = `${view.sort.column}.${view.sort.descending ? 'desc' : 'asc'}`
  if (view.peek !== undefined) words['peek'] = view.peek
  return { ...words, ...(view.window === undefined ? {} : writeWindow(view.window)) }
}

/** The same filters as the server takes them. */
export function filterParams(filters: Filters): Record<string, string> {
  return writeCallsView({ filters })
}

/** Filters with one value put in or taken out. */
export function toggleValue(
  filters: Filters,
  name: FilterName,
  value: string,
  side: keyof FilterValues = 'is',
): Filters {
  const before = filters[name] ?? { is: [], not: [] }
  const on = before[side].includes(value)
  const others = before[side].filter((one) => one !== value)
  const other = side === 'is' ? 'not' : 'is'
  const next = {
    ...before,
    [side]: on ? others : [...others, value],
    [other]: before[other].filter((one) => one !== value),
  }
  return withFilter(filters, name, next)
}

/** Filters with one of them replaced; empty ones are left out. */
export function withFilter(filters: Filters, name: FilterName, values: FilterValues): Filters {
  const { [name]: _, ...rest } = filters
  return values.is.length + values.not.length === 0 ? rest : { ...rest, [name]: values }
}
