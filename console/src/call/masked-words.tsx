import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../api/queries.ts'
import { TimeText } from '../time/zone.tsx'
import { type Masked, missingRole } from './reveal-rights.ts'
import type { Reveal } from './use-reveal.ts'

/** What the table needs to know of what is masked. */
export interface MaskedSetting extends Pick<Reveal, 'identity' | 'content' | 'hide'> {
  /** Asks for the reason. */
  readonly ask: (what: Masked) => void
}

/** A masked cell: shown already, to be had for a reason, or not for this session; no read is offered twice. */
export function MaskedWords({ what, setting }: { readonly what: Masked; readonly setting: MaskedSetting }) {
  const roles = useQuery(sessionQuery).data?.roles ?? []
  const shown = setting[what]
  if (shown !== undefined)
    return (
      <>
        shown above until <TimeText at={shown.until} clock detail="minute" />{' '}
        <button type="button" className="link-button" onClick={() => setting.hide(what)}>
          {hideWords[what]}
        </button>
      </>
    )
  const missing = missingRole(what, roles)
  if (missing !== undefined) return `masked; ${missing}`
  return (
    <>
      kept, masked{' '}
      <button type="button" className="link-button" onClick={() => setting.ask(what)}>
        {askWords[what]}
      </button>
    </>
  )
}

const askWords = { identity: 'reveal name…', content: 'reveal content…' } as const
const hideWords = { identity: 'hide name', content: 'hide content' } as const
