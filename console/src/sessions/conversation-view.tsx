import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ConversationAnswer } from '../../../src/app/api/schema/conversation.ts'
import { ApiProblem } from '../api/problem.ts'
import { countOf, shortId } from '../number/format-number.ts'
import { Trouble } from '../states/panel.tsx'
import { TimeText } from '../time/zone.tsx'
import { Blocks } from './blocks.tsx'
import { historyWords } from './history-words.ts'
import type { ShownConversation } from './use-conversation.ts'

type Entry = ConversationAnswer['entries'][number]

interface ViewProps {
  readonly shown: ShownConversation
  readonly more: () => Promise<void>
}

/** The calls of a session in their order, each with what it added. */
export function ConversationView({ shown, more }: ViewProps) {
  const [error, setError] = useState<Error>()
  const goOn = () => {
    setError(undefined)
    more().catch((cause: unknown) => setError(cause instanceof ApiProblem ? cause : new TypeError('unknown')))
  }
  return (
    <>
      <ol className="conversation">
        {shown.entries.map((entry) => (
          <li key={entry.call}>
            <CallPart entry={entry} />
          </li>
        ))}
      </ol>
      {error === undefined ? null : <Trouble error={error} retry={goOn} />}
      {shown.next === null ? (
        <p className="secondary">All {countOf(shown.calls, 'call')} of the session.</p>
      ) : (
        <Button onClick={goOn}>
          Read on, from call {shown.next + 1} of {shown.calls}
        </Button>
      )}
    </>
  )
}

function CallPart({ entry }: { readonly entry: Entry }) {
  // Turns of one call never change their order.
  let place = 0
  return (
    <article className="spoken">
      <p className="spoken-head secondary">
        <TimeText at={entry.at} /> · <span className="mono">{entry.model}</span>
        {entry.agent === '' ? null : <> · subagent {shortId(entry.agent)}</>} · {historyWords(entry)} ·{' '}
        <Link to="/calls/$key" params={{ key: entry.call }} className="mono">
          {shortId(entry.call)}
        </Link>
      </p>
      {entry.missing.map((why) => (
        <p key={why} className="notice">
          {why}
        </p>
      ))}
      <Around entry={entry} />
      {entry.added.map((turn) => (
        <Side key={place++} who={turn.role === 'user' ? 'Client' : turn.role}>
          <Blocks blocks={turn.blocks} />
        </Side>
      ))}
      <Answer entry={entry} />
    </article>
  )
}

/** What stands round the turns: seldom read, so it opens when it is wanted. */
function Around({ entry }: { readonly entry: Entry }) {
  const { system, tools } = entry
  if (system === null && tools === null) return null
  return (
    <details>
      <summary>
        {system === null ? null : `system prompt, ${countOf(system.length, 'block')}`}
        {system !== null && tools !== null ? ', ' : null}
        {tools === null ? null : countOf(tools.length, 'tool')}
      </summary>
      {system === null ? null : <Blocks blocks={system} />}
      {tools === null ? null : <p className="mono cell-text">{tools.join(' ')}</p>}
    </details>
  )
}

function Answer({ entry }: { readonly entry: Entry }) {
  const { answer } = entry
  if (answer === null) return null
  const notes = [
    ...(answer.guardrail ? ['a guardrail stepped in'] : []),
    ...(answer.whole ? [] : ['the stream ended before the model did']),
    ...(answer.stopReason === '' ? [] : [`stopped: ${answer.stopReason.replaceAll('_', ' ')}`]),
  ]
  return (
    <Side who="Model">
      <Blocks blocks={answer.blocks} />
      {notes.length === 0 ? null : <p className="secondary small">{notes.join('; ')}</p>}
    </Side>
  )
}

function Side({ who, children }: { readonly who: string; readonly children: React.ReactNode }) {
  return (
    <section className="side" data-side={who === 'Client' ? 'client' : 'model'}>
      <h3>{who}</h3>
      {children}
    </section>
  )
}
