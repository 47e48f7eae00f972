import { Link } from '@tanstack/react-router'
import type { SessionsAnswer } from '../../../src/app/api/schema/conversation.ts'
import { formatCount, formatWhole, shortId } from '../number/format-number.ts'
import { ScrollBox } from '../states/scroll-box.tsx'
import { NoMatch, NothingYet } from '../states/states.tsx'
import { TimeText } from '../time/zone.tsx'
import { useWindowWords } from '../view/use-words.ts'

interface TableProps {
  readonly answer: SessionsAnswer
  readonly filtered: boolean
}

/** One row per session; the id leads to what was said in it. */
export function SessionsTable({ answer, filtered }: TableProps) {
  const span = useWindowWords()
  if (answer.sessions.length === 0) return <NoSessions filtered={filtered} />
  return (
    <ScrollBox name="Sessions">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">Last call</th>
            <th scope="col">Who</th>
            <th scope="col" className="number">
              Calls
            </th>
            <th scope="col" className="number">
              To look at
            </th>
            <th scope="col">Content</th>
            <th scope="col" className="number">
              Tokens in
            </th>
            <th scope="col" className="number">
              Tokens out
            </th>
            <th scope="col" className="number">
              USD
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.sessions.map((session) => (
            <tr key={`${session.who} ${session.session}`}>
              <th scope="row" className="mono">
                <Link
                  to="/sessions/$session"
                  params={{ session: session.session }}
                  search={{ ...span, who: session.who }}
                >
                  {session.session.slice(0, 13)}…
                </Link>
              </th>
              <td>
                <TimeText at={session.lastAt} />
              </td>
              <td className="mono" title={session.who}>
                {session.who.includes(':') ? session.who : shortId(session.who)}
              </td>
              <td className="number">{formatCount(session.calls)}</td>
              <td className="number">{session.grave === 0 ? 'none' : formatCount(session.grave)}</td>
              <td>{contentWords(session)}</td>
              <td className="number" title={formatWhole(inputOf(session))}>
                {formatCount(inputOf(session))}
              </td>
              <td className="number" title={formatWhole(session.tokens.output)}>
                {formatCount(session.tokens.output)}
              </td>
              <td className="number">{costOf(session)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {answer.more ? (
        <p className="secondary">
          The {answer.limit} that spoke last; choose a shorter span or narrow the list for others.
        </p>
      ) : null}
    </ScrollBox>
  )
}

function NoSessions({ filtered }: { readonly filtered: boolean }) {
  if (filtered)
    return (
      <NoMatch title="0 sessions fit">
        <p>Take a filter away, or choose a longer span.</p>
      </NoMatch>
    )
  return (
    <NothingYet title="No client has named a session in this span">
      <p>
        Claude Code names its session in a header that the gateway records; with content kept, it is also read from the
        invocation log. Choose a longer span, or see <Link to="/calls">all calls</Link>.
      </p>
    </NothingYet>
  )
}

type Session = SessionsAnswer['sessions'][number]

function inputOf({ tokens }: Session): number {
  return tokens.input + tokens.cacheRead + tokens.cacheWrite
}

function contentWords({ calls, withContent }: Session): string {
  if (withContent === 0) return 'in no log'
  return withContent === calls ? 'all calls logged' : `${formatCount(withContent)} of ${formatCount(calls)} logged`
}

/** A call without a price makes the sum a lower bound. */
export function costOf({
  costMicroUsd,
  unpriced,
  calls,
}: Pick<Session, 'costMicroUsd' | 'unpriced' | 'calls'>): string {
  if (unpriced === calls) return 'unknown'
  return `${unpriced > 0 ? 'at least ' : ''}${(Math.ceil(costMicroUsd / 10_000) / 100).toFixed(2)}`
}
