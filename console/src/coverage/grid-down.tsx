import { ScrollBox } from '../states/scroll-box.tsx'
import { useZone } from '../time/zone.tsx'
import { witnessTable } from '../verdict/witness-table.ts'
import { HourButton, type OpenHour } from './hour-button.tsx'
import { daysOf, type HourCell, type HourRow } from './hour-cells.ts'

/** What a grid shows. */
export interface GridProps {
  readonly rows: readonly HourRow[]
  readonly hours: readonly HourCell[]
  readonly open: OpenHour | undefined
  readonly choose: (open: OpenHour) => void
}

/** The grid for a narrow screen: hours run down by day, newest first, a column per layer and place. */
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
                {witnessTable[row.layer].name}
                <span className="mono">{row.source || row.region}</span>
              </th>
            ))}
          </tr>
        </thead>
        {daysOf(hours, zone === 'both' ? 'utc' : zone).map(({ day, hours: own }) => (
          <tbody key={day}>
            <tr>
              <th scope="rowgroup" colSpan={rows.length + 1}>
                {day}
              </th>
            </tr>
            {own.map(({ from, clock, index }) => (
              <tr key={from}>
                <th scope="row">
                  <time dateTime={from}>{clock}</time>
                </th>
                {rows.map((row) => (
                  <td key={row.key}>{cellAt(row, index, open, choose)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </ScrollBox>
  )
}

function cellAt(row: HourRow, i: number, open: OpenHour | undefined, choose: (open: OpenHour) => void) {
  const cell = row.cells[i]
  return cell === undefined ? null : <HourButton row={row} cell={cell} open={open} choose={choose} />
}
