import { IconSearch, IconX } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useShortcuts } from '../shell/shortcuts.ts'
import { fromList } from '../view/call-link.ts'
import { type Filters, withFilter } from '../view/calls-view.ts'
import { useWindowWords } from '../view/use-words.ts'
import { chipsOf } from './filter-words.ts'

const debounceMs = 250
/** A whole id of ours or of AWS: it names one call. */
const wholeId = /^(gw[a-z0-9]{30,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

interface BarProps {
  readonly filters: Filters
  readonly change: (filters: Filters, how?: 'replace') => void
}

/** Every filter as a chip, and a field for ids. */
export function FilterBar({ filters, change }: BarProps) {
  return (
    <div className="filter-bar">
      <IdField filters={filters} change={change} />
      <ul className="chips" aria-label="Filters">
        {chipsOf(filters).map(({ text, without }) => (
          <li key={text} className="chip">
            {text}
            <button type="button" aria-label={`Remove: ${text}`} onClick={() => change(without)}>
              <IconX size={14} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      {Object.keys(filters).length > 1 ? (
        <button type="button" className="link-button" onClick={() => change({})}>
          Remove all
        </button>
      ) : null}
    </div>
  )
}

/** Typing narrows the list after a moment; a whole id and Enter open the call. */
function IdField({ filters, change }: BarProps) {
  const field = useRef<HTMLInputElement>(null)
  const given = filters.q?.is[0] ?? ''
  const [typed, setTyped] = useState(given)
  const navigate = useNavigate()
  const span = useWindowWords()
  useShortcuts(useMemo(() => ({ '/': () => field.current?.focus() }), []))
  // Somebody else changed it, a chip or the way back: the field follows, unless it is being written in.
  useEffect(() => {
    if (document.activeElement !== field.current) setTyped(given)
  }, [given])
  useEffect(() => {
    if (document.activeElement !== field.current) return
    const value = typed.trim()
    if (value === given) return
    const timer = setTimeout(
      () => change(withFilter(filters, 'q', { is: value === '' ? [] : [value], not: [] }), 'replace'),
      debounceMs,
    )
    return () => clearTimeout(timer)
  }, [typed, given, filters, change])
  return (
    <div className="id-field">
      <IconSearch size={15} aria-hidden="true" />
      <input
        ref={field}
        type="search"
        value={typed}
        aria-label="Call id or AWS request id"
        aria-keyshortcuts="/"
        placeholder="Call id or AWS request id"
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') field.current?.blur()
          if (event.key === 'Enter' && wholeId.test(typed.trim()))
            void navigate({ to: '/calls/$key', params: { key: typed.trim() }, search: span, state: fromList })
        }}
      />
    </div>
  )
}
