import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react'
import { formatClock, formatMoment, type Zone, zones } from './format-time.ts'

const kept = 'triptych.zone'

interface ZoneSetting {
  readonly zone: Zone
  readonly choose: (zone: Zone) => void
}

const ZoneContext = createContext<ZoneSetting>({ zone: 'utc', choose: () => undefined })

/** The one setting that says in which zone every time is shown. */
export function ZoneProvider({ children }: { readonly children: ReactNode }) {
  const [zone, setZone] = useState<Zone>(() => zones.find((one) => one === localStorage.getItem(kept)) ?? 'utc')
  const choose = useCallback((next: Zone) => {
    localStorage.setItem(kept, next)
    setZone(next)
  }, [])
  const setting = useMemo(() => ({ zone, choose }), [zone, choose])
  return <ZoneContext value={setting}>{children}</ZoneContext>
}

/** The setting, and how to change it. */
export function useZone(): ZoneSetting {
  return use(ZoneContext)
}

interface TimeProps {
  readonly at: string
  readonly detail?: 'second' | 'millisecond' | 'minute'
  /** Only the time of day. */
  readonly clock?: boolean
}

/** A moment in the chosen zone; the element holds the exact one. */
export function TimeText({ at, detail = 'second', clock = false }: TimeProps) {
  const { zone } = useZone()
  return (
    <time dateTime={at} className="time">
      {clock ? formatClock(at, zone, detail) : formatMoment(at, zone, detail)}
    </time>
  )
}
