import { useId, useState } from 'react'
import type { FacetName, FacetsAnswer } from '../../../src/app/api/schema/call.ts'
import { formatCount, formatWhole } from '../number/format-number.ts'
import { verdictNames } from '../verdict/verdict-table.ts'
import { type Filters, nothing, toggleValue, withFilter } from '../view/calls-view.ts'
import { filterLabels, valueLabel } from './filter-words.ts'

const names: readonly FacetName[] = ['verdict', 'person', 'model', 'team', 'project', 'operation', 'account', 'region']
const fewValues = 6

interface FacetsProps {
  readonly answer: FacetsAnswer
  readonly filters: Filters
  readonly change: (filters: Filters) => void
}

/** What the list can be narrowed by. The counts of a facet ignore its own selection: they say what a click would show. */
export function Facets({ answer, filters, change }: FacetsProps) {
  return (
    <div className="facets">
      {names.map((name) => (
        <Facet key={name} name={name} answer={answer} filters={filters} change={change} />
      ))}
    </div>
  )
}

function Facet({ name, answer, filters, change }: FacetsProps & { readonly name: FacetName }) {
  const [all, setAll] = useState(false)
  const counted = answer.facets[name]
  const values = valuesOf(name, counted?.values ?? [], filters)
  const shown = all || name === 'verdict' ? values : values.slice(0, fewValues)
  const more = counted?.more ?? 0
  return (
    <fieldset className="facet">
      <legend>{filterLabels[name]}</legend>
      {shown.map(({ value, calls }) => (
        <FacetValue key={value} name={name} value={value} calls={calls} filters={filters} change={change} />
      ))}
      {values.length === 0 ? <p className="secondary small">no value in this list</p> : null}
      {values.length > shown.length || (all && values.length > fewValues && name !== 'verdict') ? (
        <button type="button" className="link-button" onClick={() => setAll(!all)}>
          {all ? 'fewer' : `${formatWhole(values.length - shown.length)} more`}
        </button>
      ) : null}
      {more > 0 ? <p className="secondary small">and {formatWhole(more)} rarer values, not listed</p> : null}
    </fieldset>
  )
}

/** What was counted, what is chosen though nothing has it, and every verdict. */
function valuesOf(name: FacetName, counted: readonly { value: string; calls: number }[], filters: Filters) {
  const calls = new Map(counted.map(({ value, calls }) => [value === '' ? nothing : value, calls]))
  const chosen = filters[name]
  const wanted = [...(name === 'verdict' ? verdictNames : calls.keys()), ...(chosen?.is ?? []), ...(chosen?.not ?? [])]
  return [...new Set(wanted)].map((value) => ({ value, calls: calls.get(value) ?? 0 }))
}

interface ValueProps extends Omit<FacetsProps, 'answer'> {
  readonly name: FacetName
  readonly value: string
  readonly calls: number
}

function FacetValue({ name, value, calls, filters, change }: ValueProps) {
  const id = useId()
  const chosen = filters[name]
  const label = valueLabel(name, value)
  const isNot = chosen?.not.includes(value) === true
  return (
    <div className="facet-value" data-zero={calls === 0 || undefined}>
      <input
        id={id}
        type="checkbox"
        checked={chosen?.is.includes(value) === true}
        onChange={() => change(toggleValue(filters, name, value))}
      />
      <label htmlFor={id} title={value}>
        {isNot ? 'not ' : ''}
        {label}
      </label>
      <span className="number" title={`${formatWhole(calls)} calls`}>
        {formatCount(calls)}
      </span>
      <span className="facet-actions">
        <button
          type="button"
          aria-label={`Only ${label}`}
          onClick={() => change(withFilter(filters, name, { is: [value], not: [] }))}
        >
          only
        </button>
        <button
          type="button"
          aria-pressed={isNot}
          aria-label={`Not ${label}`}
          onClick={() => change(toggleValue(filters, name, value, 'not'))}
        >
          not
        </button>
      </span>
    </div>
  )
}
