import { Link } from '@tanstack/react-router'
import type { AttentionAnswer } from '../../../src/app/api/schema/call.ts'
import { countOf, shortId } from '../number/format-number.ts'
import { TimeText } from '../time/zone.tsx'
import { VerdictBadge } from '../verdict/verdict-badge.tsx'
import { writeCallsView } from '../view/calls-view.ts'
import { useWindowWords } from '../view/use-words.ts'
import { causesOf } from './attention-causes.ts'

const mostNames = 3

/** Calls somebody should look at, one line per cause; the line leads to exactly these calls. */
export function AttentionList({ answer }: { readonly answer: AttentionAnswer }) {
  const span = useWindowWords()
  if (answer.groups.length === 0)
    return (
      <p className="quiet">
        Nothing needs a person in this span of time: 0 calls are accused and 0 have a gap. Where a witness could not
        see, nothing could be found either: see{' '}
        <Link to="/coverage" search={span}>
          Coverage
        </Link>
        .
      </p>
    )
  return (
    <ul className="attention">
      {causesOf(answer.groups).map((cause) => (
        <li key={`${cause.verdict} ${cause.says}`}>
          <Link
            to="/calls"
            search={{ ...writeCallsView({ filters: cause.filters }), ...span }}
            className="attention-line"
          >
            <VerdictBadge verdict={cause.verdict} />
            <span className="attention-what">
              <span>{cause.says}</span>
              <span className="secondary">
                <Names who={cause.who} /> · {cause.regions.join(', ')} · last <TimeText at={cause.lastAt} />
              </span>
            </span>
            <span className="attention-count">{countOf(cause.calls, 'call')}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Names({ who }: { readonly who: readonly string[] }) {
  const shown = who.slice(0, mostNames).map((name) => (name === '' ? 'nobody named' : shortWho(name)))
  const more = who.length - shown.length
  return (
    <span>
      <span className="mono">{shown.join(', ')}</span>
      {more > 0 ? ` and ${more} more` : ''}
    </span>
  )
}

function shortWho(who: string): string {
  return who.startsWith('arn:') ? (who.split(':').at(-1) ?? who) : shortId(who)
}
