import { formatMoment } from '../time/format-time.ts'
import { useZone } from '../time/zone.tsx'
import { type HourCell, type HourRow, rowName } from './hour-cells.ts'
import { hourWords } from './hour-mark.tsx'

/** Which hour of which row is looked at. */
export interface OpenHour {
  readonly row: string
  readonly from: string
}

interface ButtonProps {
  readonly row: HourRow
  readonly cell: HourCell
  readonly open: OpenHour | undefined
  readonly choose: (open: OpenHour) => void
}

/** One hour of one layer; it opens its reason. */
export function HourButton({ row, cell, open, choose }: ButtonProps) {
  const { zone } = useZone()
  const { sign, word } = hourWords[cell.state]
  return (
    <button
      type="button"
      className="hour-mark"
      data-hour={cell.state}
      aria-pressed={open?.row === row.key && open.from === cell.from}
      aria-label={`${rowName(row)}, ${formatMoment(cell.from, zone, 'minute')}: ${word}`}
      title={`${word}: ${cell.why}`}
      onClick={() => choose({ row: row.key, from: cell.from })}
    >
      {sign}
    </button>
  )
}
