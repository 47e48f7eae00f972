import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { witnessMarks } from './witness-marks.ts'

const shown = { saw: undefined, missing: undefined, awaited: undefined, blind: '?', need_not: undefined } as const

/** A G C: who saw a call. Its name says it in words. */
export function WitnessGlyph({ call }: { readonly call: Pick<CallAnswer, 'seen' | 'findings' | 'verdict'> }) {
  const marks = witnessMarks(call)
  const name = marks.map(({ says }) => says).join(', ')
  return (
    <span className="witnesses" role="img" aria-label={name} title={name}>
      {marks.map(({ letter, mark }) => (
        <span key={letter} data-mark={mark} aria-hidden="true">
          {shown[mark] ?? letter}
        </span>
      ))}
    </span>
  )
}
