import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import type { SessionsAnswer } from '../../../src/app/api/schema/conversation.ts'
import { apiUrl, getJson } from '../api/request.ts'
import { IgnoredNotice } from '../shell/ignored-notice.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { WindowPicker } from '../shell/window-picker.tsx'
import { Panel } from '../states/panel.tsx'
import { useWords } from '../view/use-words.ts'
import { SessionFilters } from './session-filters.tsx'
import { SessionsTable } from './sessions-table.tsx'
import { readSessionsView, type SessionsView, sessionParams } from './sessions-view.ts'
import './sessions.css'

/** Sessions of a selection. */
export function sessionsQuery(view: SessionsView) {
  const params = sessionParams(view)
  return queryOptions({
    queryKey: ['sessions', params],
    queryFn: ({ signal }) => getJson<SessionsAnswer>(apiUrl('/sessions', params), signal),
    placeholderData: keepPreviousData,
  })
}

/** Whose conversations there were, and what they add up to. */
export function SessionsPage() {
  usePageTitle('Sessions')
  const view = readSessionsView(useWords())
  const sessions = useQuery(sessionsQuery(view))
  return (
    <div className="page">
      <div className="page-head">
        <h1>Sessions</h1>
        <WindowPicker answered={sessions.data} key={`${view.window.since} ${view.window.until}`} />
      </div>
      <IgnoredNotice ignored={view.ignored} />
      <SessionFilters view={view} key={`${view.person} ${view.team}`} />
      <Panel title="The one that spoke last first" asked={sessions} rows={8}>
        {(answer) => <SessionsTable answer={answer} filtered={view.person !== '' || view.team !== ''} />}
      </Panel>
    </div>
  )
}
