import { ScrollBox } from '../states/scroll-box.tsx'
import { formatMoment } from '../time/format-time.ts'
import { useZone } from '../time/zone.tsx'
import { HourButton, type OpenHour } from './hour-button.tsx'
import { type HourCell, type HourRow, layerNames } from './hour-cells.ts'

/** What a grid shows. */
export interface GridProps {
  readonly rows: readonly HourRow[]
  readonly hours: readonly HourCell[]
  readonly open: OpenHour | undefined
  readonly choose: (open: OpenHour) => void
}

/** The grid for a narrow screen: hours run down, newest first, a column per layer and place. */
export function GridDown({ rows, hours, open, choose }: GridProps) {
  const { zone } = useZone()
  return (
    <ScrollBox name="Coverage by hour">
      <table className="grid grid-down">
        <thead>
          <tr>
            <th scope="col">From</th>
            {rows.map((row) => (
              <th key={row.key} scope="col">
                {layerNames[row.layer]}
                <span className="mono">{row.source || row.region}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hours
            .map((hour, i) => (
              <tr key={hour.from}>
                <th scope="row">
                  <time dateTime={hour.from}>
                    {formatMoment(hour.from, zone === 'both' ? 'utc' : zone, 'minute').slice(5)}
                  </time>
                </th>
                {rows.map((row) => (
                  <td key={row.key}>{cellAt(row, i, open, choose)}</td>
                ))}
              </tr>
            ))
            .toReversed()}
        </tbody>
      </table>
    </ScrollBox>
  )
}

function cellAt(row: HourRow, i: number, open: OpenHour | undefined, choose: (open: OpenHour) => void) {
  const cell = row.cells[i]
  return cell === undefined ? null : <HourButton row={row} cell={cell} open={open} choose={choose} />
}
