import { Link } from '@tanstack/react-router'
import { TimeText } from '../time/zone.tsx'
import { writeCallsView } from '../view/calls-view.ts'
import type { HourCell, HourRow } from './hour-cells.ts'
import { hourWords } from './hour-mark.tsx'

interface DetailProps {
  readonly row: HourRow
  readonly cell: HourCell
  readonly name: string
  readonly close: () => void
}

/** Why an hour is as it is, and the calls of it. */
export function HourDetail({ row, cell, name, close }: DetailProps) {
  const is = (value: string) => ({ is: [value], not: [] })
  const place = row.layer === 'gateway' ? {} : { account: is(row.account), region: is(row.region) }
  const search = writeCallsView({ filters: place, window: { since: cell.from, until: cell.until } })
  return (
    <section className="hour-detail" role="status" aria-label="The chosen hour">
      <h3>
        <span className="hour-mark" data-hour={cell.state} aria-hidden="true">
          {hourWords[cell.state].sign}
        </span>
        {name}: {hourWords[cell.state].word}
      </h3>
      <p>
        <TimeText at={cell.from} /> – <TimeText at={cell.until} />: {cell.why}.
      </p>
      <p>
        <Link to="/calls" search={search}>
          Calls of this hour{row.layer === 'gateway' ? '' : ' and place'}
        </Link>{' '}
        <button type="button" className="link-button" onClick={close}>
          Close
        </button>
      </p>
    </section>
  )
}
