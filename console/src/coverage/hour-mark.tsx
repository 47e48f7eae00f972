import type { HourState } from './hour-cells.ts'
import './coverage.css'

/** Sign and word of a state: told apart without colour. */
export const hourWords: Readonly<Record<HourState, { readonly sign: string; readonly word: string }>> = {
  complete: { sign: '✓', word: 'complete' },
  partial: { sign: '◐', word: 'partial' },
  blind: { sign: '✕', word: 'blind' },
  unknown: { sign: '?', word: 'unknown' },
  not_due: { sign: '…', word: 'not due yet' },
  idle: { sign: '·', word: 'gateway wrote nothing' },
}

/** What the signs of the grid mean. */
export function HourLegend() {
  return (
    <ul className="hour-legend">
      {Object.entries(hourWords).map(([state, { sign, word }]) => (
        <li key={state}>
          <span className="hour-mark" data-hour={state} aria-hidden="true">
            {sign}
          </span>
          {word}
        </li>
      ))}
    </ul>
  )
}
