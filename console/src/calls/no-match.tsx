import { useQueries } from '@tanstack/react-query'
import { facetsQuery } from '../api/queries.ts'
import { countOf } from '../number/format-number.ts'
import { NoMatch, NothingYet } from '../states/states.tsx'
import type { Filters } from '../view/calls-view.ts'
import type { WindowView } from '../view/window-view.ts'
import { chipsOf } from './filter-words.ts'

interface EmptyProps {
  readonly filters: Filters
  readonly window: WindowView
  readonly change: (filters: Filters) => void
}

/** No rows: which filter to take away, and what would be there then. */
export function EmptyList({ filters, window, change }: EmptyProps) {
  const chips = chipsOf(filters)
  const counts = useQueries({ queries: chips.map(({ without }) => facetsQuery({ window, filters: without })) })
  if (chips.length === 0)
    return (
      <NothingYet title="No call in this span of time">
        <p>Choose a longer span above. If there should be calls, Coverage says what each layer could see.</p>
      </NothingYet>
    )
  return (
    <NoMatch title="0 calls fit all of these filters">
      <ul className="no-match">
        {chips.map(({ text, without }, i) => {
          const total = counts[i]?.data?.total
          return (
            <li key={text}>
              <button type="button" className="link-button" onClick={() => change(without)}>
                Remove “{text}”
              </button>{' '}
              → {total === undefined ? 'counting' : countOf(total, 'call')}
            </li>
          )
        })}
      </ul>
    </NoMatch>
  )
}
