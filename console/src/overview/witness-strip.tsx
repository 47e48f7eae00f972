import { Link } from '@tanstack/react-router'
import type { CoverageAnswer } from '../../../src/app/api/schema/coverage.ts'
import { type HourCell, hourRows, mergeRows } from '../coverage/hour-cells.ts'
import { HourLegend, hourWords } from '../coverage/hour-mark.tsx'
import { countOf } from '../number/format-number.ts'
import { formatClock, formatDuration } from '../time/format-time.ts'
import { TimeText, useZone } from '../time/zone.tsx'
import { witnessRows } from '../verdict/witness-table.ts'
import { useWindowWords } from '../view/use-words.ts'

/** The three layers now, and over the last day of the span. */
export function WitnessStrip({ answer }: { readonly answer: CoverageAnswer }) {
  const rows = hourRows(answer)
  const span = useWindowWords()
  return (
    <div className="strip">
      <dl>
        {witnessRows.map(({ layer, name, says }) => (
          <div key={layer}>
            <dt title={says}>{name}</dt>
            <dd>
              <Now until={answer.completeUntil[layer]} asOf={answer.asOf} />
              <Strip name={name} cells={mergeRows(rows.filter((row) => row.layer === layer)).slice(-24)} />
            </dd>
          </div>
        ))}
      </dl>
      <HourLegend />
      <Link to="/coverage" search={span}>
        Every account, region and hour, with reasons
      </Link>
    </div>
  )
}

function Now({ until, asOf }: { readonly until: string | null; readonly asOf: string }) {
  if (until === null) return <p className="secondary">nothing read yet</p>
  return (
    <p>
      delivered until <TimeText at={until} clock />{' '}
      <span className="secondary">({formatDuration(Math.max(0, Date.parse(asOf) - Date.parse(until)))} ago)</span>
    </p>
  )
}

/** A glyph per hour; the words of it are the name of the whole. */
function Strip({ name, cells }: { readonly name: string; readonly cells: readonly HourCell[] }) {
  const { zone } = useZone()
  const [first] = cells
  if (first === undefined) return <p className="secondary">no place of this layer is known</p>
  const counted = Object.entries(hourWords).flatMap(([state, { word }]) => {
    const hours = cells.filter((cell) => cell.state === state).length
    return hours === 0 ? [] : [`${countOf(hours, 'hour')} ${word}`]
  })
  return (
    <div
      className="strip-hours"
      role="img"
      aria-label={`${name}, since ${formatClock(first.from, zone, 'minute')}: ${counted.join(', ')}`}
    >
      {cells.map((cell) => (
        <span
          key={cell.from}
          className="hour-mark"
          data-hour={cell.state}
          aria-hidden="true"
          title={`${formatClock(cell.from, zone, 'minute')}: ${hourWords[cell.state].word}, ${cell.why}`}
        >
          {hourWords[cell.state].sign}
        </span>
      ))}
    </div>
  )
}
