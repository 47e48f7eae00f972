import { useMediaQuery } from '@mantine/hooks'
import { useState } from 'react'
import type { CoverageAnswer } from '../../../src/app/api/schema/coverage.ts'
import { ScrollBox } from '../states/scroll-box.tsx'
import { CannotKnow, NothingYet } from '../states/states.tsx'
import { formatMoment } from '../time/format-time.ts'
import { useZone } from '../time/zone.tsx'
import { witnessTable } from '../verdict/witness-table.ts'
import { GridDown, type GridProps } from './grid-down.tsx'
import { HourButton, type OpenHour } from './hour-button.tsx'
import { type HourCell, hourRows, mostHours, rowName } from './hour-cells.ts'
import { HourDetail } from './hour-detail.tsx'
import { HourLegend } from './hour-mark.tsx'

/** A row per account, region and layer, a column per hour; on a narrow screen hours run down. */
export function CoverageGrid({ answer }: { readonly answer: CoverageAnswer }) {
  const rows = hourRows(answer)
  const [open, setOpen] = useState<OpenHour>()
  const narrow = useMediaQuery('(max-width: 700px)', undefined, { getInitialValueInEffect: false })
  const [first] = rows
  if (first === undefined)
    return (
      <NothingYet title="No account has been looked at yet">
        <p>
          Coverage comes from configuration snapshots, change events and digests. Name a source in{' '}
          <code>triptych.yaml</code>, or take logs in with <code>npx triptych ingest cloudtrail ./AWSLogs</code>.
        </p>
      </NothingYet>
    )
  const allUnknown = rows.every(({ cells }) => cells.every(({ state }) => state === 'unknown'))
  const row = rows.find(({ key }) => key === open?.row)
  const cell = row?.cells.find(({ from }) => from === open?.from)
  return (
    <>
      {allUnknown ? (
        <CannotKnow title="Nothing is known of these hours">
          <p>No configuration snapshot lies in or before this span of time. Absence in it accuses nobody.</p>
        </CannotKnow>
      ) : null}
      {narrow ? (
        <GridDown rows={rows} hours={first.cells} open={open} choose={setOpen} />
      ) : (
        <Grid rows={rows} hours={first.cells} open={open} choose={setOpen} />
      )}
      <HourLegend />
      <p className="secondary small">
        Hours are half-open [14:00, 15:00); the last one ends now. At most {mostHours} hours are shown.
      </p>
      {row === undefined || cell === undefined ? (
        <p className="secondary">Choose an hour to read why.</p>
      ) : (
        <HourDetail row={row} cell={cell} name={rowName(row)} close={() => setOpen(undefined)} />
      )}
    </>
  )
}

function Grid({ rows, hours, open, choose }: GridProps) {
  const { zone } = useZone()
  return (
    <ScrollBox name="Coverage by hour" ref={toNow}>
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">Layer</th>
            {hours.map((hour, i) => (
              <th key={hour.from} scope="col" title={formatMoment(hour.from, zone, 'minute')}>
                <HourHead hour={hour} isFirst={i === 0} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">
                <strong>{witnessTable[row.layer].name}</strong>
                <span className="mono">{row.source || row.region}</span>
              </th>
              {row.cells.map((cell) => (
                <td key={cell.from}>
                  <HourButton row={row} cell={cell} open={open} choose={choose} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}

/** The newest hours are what is looked for first. */
function toNow(box: HTMLElement | null) {
  box?.scrollTo({ left: box.scrollWidth })
}

/** The hour, and the day where it begins. */
function HourHead({ hour, isFirst }: { readonly hour: HourCell; readonly isFirst: boolean }) {
  const { zone } = useZone()
  const text = formatMoment(hour.from, zone === 'both' ? 'utc' : zone, 'minute')
  const clock = text.slice(11, 13)
  return (
    <>
      <span className="grid-day">{isFirst || clock === '00' ? text.slice(5, 10) : ''}</span>
      <span>{clock}</span>
      <span className="hidden">{text}</span>
    </>
  )
}
