import { IconCircleCheck, IconCircleDashed, IconCircleX } from '@tabler/icons-react'
import type { Check } from './verify-receipt.ts'
import './check-lines.css'

const names: Readonly<Record<Check['name'], string>> = {
  record: 'Record',
  inclusion: 'Inclusion',
  signature: 'Checkpoint signature',
  consistency: 'Consistency',
  outside: 'Outside copy',
}
const states = {
  pass: { word: 'pass', Icon: IconCircleCheck },
  fail: { word: 'fail', Icon: IconCircleX },
  not_checked: { word: 'not checked', Icon: IconCircleDashed },
} as const

/** Each check with its outcome in a word and what it was computed from. */
export function CheckLines({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <ul className="checks">
      {checks.map(({ name, state, says }) => {
        const { word, Icon } = states[state]
        return (
          <li key={name} data-check={state}>
            <Icon size={18} aria-hidden="true" />
            <span>
              <strong>
                {names[name]}: {word}
              </strong>
              <span className="check-says">{says}</span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}
