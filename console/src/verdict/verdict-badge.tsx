import type { Verdict } from '../../../src/record/verdict.ts'
import { VerdictIcon } from './verdict-icon.tsx'
import { verdictTable } from './verdict-table.ts'
import './verdict.css'

/** A verdict: icon, printed word, loudness. Colour comes last. */
export function VerdictBadge({ verdict, large = false }: { readonly verdict: Verdict; readonly large?: boolean }) {
  const { label, loudness } = verdictTable[verdict]
  return (
    <span className="verdict" data-verdict={verdict} data-loudness={loudness} data-large={large || undefined}>
      <VerdictIcon verdict={verdict} size={large ? 20 : 15} />
      <span>{label}</span>
    </span>
  )
}
