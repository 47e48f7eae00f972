import { Button, Popover } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { formatMoment } from '../time/format-time.ts'
import { useZone } from '../time/zone.tsx'
import { useWindow, useWords } from '../view/use-words.ts'
import { isMoment, spans, type WindowView, windowLabel, writeWindow } from '../view/window-view.ts'

interface PickerProps {
  /** What the server made of it, once it answered. */
  readonly answered: { readonly since: string; readonly until: string } | undefined
}

/** The span of time of the page: offered ones, or from and to by hand. */
export function WindowPicker({ answered }: PickerProps) {
  const window = useWindow()
  const words = useWords()
  const navigate = useNavigate()
  const { zone } = useZone()
  const [opened, setOpened] = useState(false)
  const exact =
    answered === undefined
      ? undefined
      : `${formatMoment(answered.since, zone, 'minute')} – ${formatMoment(answered.until, zone, 'minute')}`
  const choose = (next: WindowView) => {
    const { since: _since, until: _until, ...others } = words
    setOpened(false)
    void navigate({ to: '.', search: { ...others, ...writeWindow(next) } })
  }
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      trapFocus
      returnFocus
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Button onClick={() => setOpened(!opened)} aria-haspopup="dialog" className="window-button">
          {windowLabel(window) ?? 'fixed span'}
          {exact === undefined ? null : <span className="window-exact">{exact}</span>}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Span of time">
        <ul className="window-spans">
          {spans.map(([since, label]) => (
            <li key={since}>
              <button type="button" onClick={() => choose({ since, until: undefined })}>
                {label}
              </button>
            </li>
          ))}
        </ul>
        <FromTo answered={answered} choose={choose} />
      </Popover.Dropdown>
    </Popover>
  )
}

/** From and to by hand; a time without a zone is UTC and says so. */
function FromTo({ answered, choose }: PickerProps & { readonly choose: (window: WindowView) => void }) {
  const [since, setSince] = useState(answered?.since ?? '')
  const [until, setUntil] = useState(answered?.until ?? '')
  const [wrong, setWrong] = useState<string>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const from = asMoment(since)
    const to = until.trim() === '' ? undefined : asMoment(until)
    if (from === undefined || (to === undefined && until.trim() !== '')) {
      setWrong('Write a day (2026-11-24), a time (2026-11-24T14:00:00Z) or a length before now (6h).')
      return
    }
    choose({ since: from, until: to })
  }
  return (
    <form className="window-form" onSubmit={submit}>
      <label>
        From (UTC)
        <input value={since} onChange={(event) => setSince(event.target.value)} />
      </label>
      <label>
        To (UTC, empty for now)
        <input value={until} onChange={(event) => setUntil(event.target.value)} />
      </label>
      {wrong === undefined ? null : <p role="alert">{wrong}</p>}
      <Button type="submit">Apply</Button>
    </form>
  )
}

function asMoment(text: string): string | undefined {
  const written = text.trim().replace(' ', 'T')
  if (isMoment(written)) return written
  return isMoment(`${written}Z`) ? `${written}Z` : undefined
}
