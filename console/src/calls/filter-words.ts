import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { shortId } from '../number/format-number.ts'
import { isVerdictName, verdictTable } from '../verdict/verdict-table.ts'
import { type FilterName, type Filters, filterNames, nothing } from '../view/calls-view.ts'

/** What a filter is called. */
export const filterLabels: Readonly<Record<FilterName, string>> = {
  verdict: 'Verdict',
  person: 'Who',
  model: 'Model',
  team: 'Team',
  project: 'Project',
  session: 'Session',
  operation: 'Operation',
  account: 'Account',
  region: 'Region',
  finding: 'Finding',
  q: 'Id begins with',
}

/** A value as a person reads it. */
export function valueLabel(name: FilterName, value: string): string {
  if (value === nothing || value === '') return 'not said'
  if (name === 'verdict' && isVerdictName(value)) return verdictTable[value].label
  return name === 'person' && !value.includes(':') ? shortId(value) : value
}

/** One chip: a side of a filter in words, and the filters without it. */
export interface Chip {
  readonly text: string
  readonly without: Filters
}

const mostShown = 3

/** Every filter as a chip; none is invisible. */
export function chipsOf(filters: Filters): readonly Chip[] {
  return filterNames.flatMap((name) => {
    const values = filters[name]
    if (values === undefined) return []
    const { [name]: _, ...others } = filters
    const chip = (side: 'is' | 'not', word: string): readonly Chip[] => {
      if (values[side].length === 0) return []
      const other = side === 'is' ? 'not' : 'is'
      const rest = values[other].length === 0 ? others : { ...others, [name]: { ...values, [side]: [] } }
      return [{ text: `${filterLabels[name]} ${word}${listed(name, values[side])}`, without: rest }]
    }
    return [...chip('is', name === 'q' ? '' : 'is '), ...chip('not', 'is not ')]
  })
}

function listed(name: FilterName, values: readonly string[]): string {
  const shown = values.slice(0, mostShown).map((value) => valueLabel(name, value))
  const more = values.length - shown.length
  return more > 0 ? `${shown.join(', ')} or ${more} more` : shown.join(' or ')
}

/** Ids of a call that something else may know it by. */
export function idsOf({ callId, awsRequestId }: Pick<CallAnswer, 'callId' | 'awsRequestId'>) {
  return [
    { label: 'Call id', id: callId },
    { label: 'AWS request id', id: awsRequestId },
  ].filter(({ id }) => id !== '')
}
