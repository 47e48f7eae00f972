import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { apiUrl } from '../api/request.ts'
import { type SessionsView, sessionParams, writeSessionsView } from './sessions-view.ts'

/** Narrows the list; what is asked for stands in the address. */
export function SessionFilters({ view }: { readonly view: SessionsView }) {
  const [person, setPerson] = useState(view.person)
  const [team, setTeam] = useState(view.team)
  const navigate = useNavigate()
  const show = (next: SessionsView) => void navigate({ to: '/sessions', search: writeSessionsView(next) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    show({ ...view, person: person.trim(), team: team.trim() })
  }
  return (
    <form className="session-filters" onSubmit={submit}>
      <label>
        Who (alias, its beginning, or an ARN)
        <input value={person} onChange={(event) => setPerson(event.target.value)} />
      </label>
      <label>
        Team
        <input value={team} onChange={(event) => setTeam(event.target.value)} />
      </label>
      <Button type="submit">Narrow</Button>
      {view.person === '' && view.team === '' ? null : (
        <Button onClick={() => show({ ...view, person: '', team: '' })}>Show all</Button>
      )}
      <a
        className="button-link"
        href={apiUrl('/sessions', { ...sessionParams(view), limit: '1000', format: 'csv' })}
        download="triptych-sessions.csv"
      >
        Export as CSV
      </a>
    </form>
  )
}
