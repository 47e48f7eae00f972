import { IconDeviceDesktop, IconKeyboard, IconMoon, IconSun } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useLiveState } from '../api/live.tsx'
import { liveWord } from '../api/live-feed.ts'
import { sessionQuery } from '../api/queries.ts'
import { useScheme } from '../theme/color-scheme.tsx'
import { zones } from '../time/format-time.ts'
import { TimeText, useZone } from '../time/zone.tsx'

/** What holds for every page: is it simulated, how fresh is it, in which zone, light or dark. */
export function Header({ showHelp }: { readonly showHelp: () => void }) {
  const simulated = useQuery(sessionQuery).data?.simulated === true
  return (
    <header className="header">
      {simulated ? (
        <span
          className="simulated"
          title="No AWS account is configured: a simulated one stands in, and every record says so"
        >
          simulated
        </span>
      ) : null}
      <Freshness />
      <div className="settings">
        <ZoneChoice />
        <SchemeChoice />
        <button
          type="button"
          className="icon-button"
          onClick={showHelp}
          aria-label="Keyboard shortcuts"
          aria-keyshortcuts="?"
        >
          <IconKeyboard size={18} aria-hidden="true" />
        </button>
      </div>
    </header>
  )
}

function Freshness() {
  const state = useLiveState()
  const word = liveWord(state)
  const until = state.beat?.completeUntil.access
  return (
    <p className="freshness">
      <span className="live-word" data-live={state.link} role="status">
        {word}
      </span>
      {until === undefined ? null : until === null ? (
        <span>CloudTrail: nothing read yet</span>
      ) : (
        <span>
          CloudTrail complete until <TimeText at={until} clock />
        </span>
      )}
    </p>
  )
}

const zoneWords = { utc: 'UTC', local: 'local', both: 'both' } as const

function ZoneChoice() {
  const { zone, choose } = useZone()
  return (
    <fieldset className="choice">
      <legend className="hidden">Zone of every time</legend>
      {zones.map((one) => (
        <label key={one}>
          <input type="radio" name="zone" value={one} checked={zone === one} onChange={() => choose(one)} />
          <span>{zoneWords[one]}</span>
        </label>
      ))}
    </fieldset>
  )
}

const schemes = [
  { scheme: 'light', label: 'Light', Icon: IconSun },
  { scheme: 'dark', label: 'Dark', Icon: IconMoon },
  { scheme: 'auto', label: 'As the system', Icon: IconDeviceDesktop },
] as const

function SchemeChoice() {
  const { scheme, choose } = useScheme()
  return (
    <fieldset className="choice">
      <legend className="hidden">Colours</legend>
      {schemes.map((one) => (
        <label key={one.scheme} title={one.label}>
          <input
            type="radio"
            name="scheme"
            value={one.scheme}
            checked={scheme === one.scheme}
            aria-label={one.label}
            onChange={() => choose(one.scheme)}
          />
          <span>
            <one.Icon size={16} aria-hidden="true" />
          </span>
        </label>
      ))}
    </fieldset>
  )
}
