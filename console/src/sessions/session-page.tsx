import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { SessionsAnswer } from '../../../src/app/api/schema/conversation.ts'
import { RevealDialog } from '../call/reveal-dialog.tsx'
import { CopyButton } from '../calls/copy-button.tsx'
import { countOf, formatCount } from '../number/format-number.ts'
import { usePageTitle } from '../shell/page-title.ts'
import { Panel } from '../states/panel.tsx'
import { NothingYet } from '../states/states.tsx'
import { TimeText } from '../time/zone.tsx'
import { writeCallsView } from '../view/calls-view.ts'
import { useWords } from '../view/use-words.ts'
import { ConversationView } from './conversation-view.tsx'
import { sessionsQuery } from './sessions-page.tsx'
import { costOf } from './sessions-table.tsx'
import { readSessionsView } from './sessions-view.ts'
import { useConversation } from './use-conversation.ts'
import '../calls/calls.css'
import '../call/call.css'
import './sessions.css'

/** One session: what it adds up to, and, for a reason, what was said in it. */
export function SessionPage() {
  const { session } = useParams({ from: '/sessions/$session' })
  const { who = '', ...words } = useWords()
  usePageTitle(`Session ${session.slice(0, 8)}`)
  const view = readSessionsView(words)
  const asked = useQuery(sessionsQuery({ ...view, person: who }))
  return (
    <div className="page">
      <div className="page-head">
        <h1>
          Session <span className="mono">{session.slice(0, 13)}…</span>{' '}
          <CopyButton text={session} what="the session id" />
        </h1>
        <Link to="/sessions" search={words}>
          All sessions
        </Link>
      </div>
      <Panel title="What it adds up to" asked={asked} rows={4}>
        {({ sessions }) => <Sum found={sessions.find((one) => one.session === session && one.who === who)} />}
      </Panel>
      <Conversation session={session} who={who} key={`${who} ${session}`} />
    </div>
  )
}

function Sum({ found }: { readonly found: SessionsAnswer['sessions'][number] | undefined }) {
  if (found === undefined)
    return (
      <NothingYet title="This session has no call in the span">
        <p>Choose a longer span in the list of sessions, and come from there.</p>
      </NothingYet>
    )
  const calls = writeCallsView({
    filters: { session: { is: [found.session], not: [] }, person: { is: [found.who], not: [] } },
  })
  return (
    <dl className="pairs">
      <dt>Who</dt>
      <dd className="mono cell-text">{found.who}</dd>
      <dt>From</dt>
      <dd>
        <TimeText at={found.firstAt} /> to <TimeText at={found.lastAt} />
      </dd>
      <dt>Calls</dt>
      <dd>
        <Link to="/calls" search={calls}>
          {countOf(found.calls, 'call')}
        </Link>
        {found.grave === 0 ? ', none to look at' : `, ${formatCount(found.grave)} to look at`}
      </dd>
      <dt>Models</dt>
      <dd className="mono cell-text">{found.models.join(', ')}</dd>
      <dt>Tokens</dt>
      <dd>
        {formatCount(found.tokens.input + found.tokens.cacheRead + found.tokens.cacheWrite)} in,{' '}
        {formatCount(found.tokens.output)} out
      </dd>
      <dt>USD</dt>
      <dd>{costOf(found)}</dd>
    </dl>
  )
}

function Conversation({ session, who }: { readonly session: string; readonly who: string }) {
  const conversation = useConversation(session, who)
  const [asking, setAsking] = useState(false)
  return (
    <section className="panel" aria-label="What was said">
      <div className="panel-head">
        <h2>What was said, each turn once</h2>
        {conversation.shown === undefined ? (
          <button type="button" className="button-link" onClick={() => setAsking(true)}>
            Show what was said
          </button>
        ) : (
          <>
            <p className="secondary">
              recorded as <span className="mono">{conversation.shown.recordedAs}</span>; hidden again at{' '}
              <TimeText at={conversation.shown.until} clock detail="minute" />
            </p>
            <button type="button" className="button-link" onClick={conversation.hide}>
              Hide now
            </button>
          </>
        )}
      </div>
      {asking ? <RevealDialog what="content" send={conversation.reveal} close={() => setAsking(false)} /> : null}
      {conversation.shown === undefined ? (
        <p className="secondary">
          A client sends its whole history with every call. Here each call shows only what it added; it takes the
          content role and a reason, and the read is written down first.
        </p>
      ) : (
        <ConversationView shown={conversation.shown} more={conversation.more} />
      )}
    </section>
  )
}
