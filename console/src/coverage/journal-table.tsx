import { Link } from '@tanstack/react-router'
import type { CoverageAnswer } from '../../../src/app/api/schema/coverage.ts'
import { countOf, formatCount, formatWhole } from '../number/format-number.ts'
import { ScrollBox } from '../states/scroll-box.tsx'
import { NothingYet } from '../states/states.tsx'
import { TimeText } from '../time/zone.tsx'
import { writeCallsView } from '../view/calls-view.ts'
import { useWindowWords } from '../view/use-words.ts'

/** Every gateway's journal: from when to when, and what is missing in it. */
export function JournalTable({ answer }: { readonly answer: CoverageAnswer }) {
  const span = useWindowWords()
  if (answer.journals.length === 0)
    return (
      <NothingYet title="No gateway has written a journal yet">
        <p>
          Start one with <code>triptych gateway</code>, and point clients at it.
        </p>
      </NothingYet>
    )
  const lost = { ...writeCallsView({ filters: { verdict: { is: ['lost'], not: [] } } }), ...span }
  return (
    <ScrollBox name="Journals of the gateways">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Gateway</th>
            <th scope="col">First record</th>
            <th scope="col">Last record</th>
            <th scope="col" className="number">
              Records
            </th>
            <th scope="col">Holes</th>
          </tr>
        </thead>
        <tbody>
          {answer.journals.map((journal) => (
            <tr key={journal.source}>
              <th scope="row" className="mono">
                {journal.source}
              </th>
              <td>
                <TimeText at={journal.firstAt} />
              </td>
              <td>
                <TimeText at={journal.lastAt} />
              </td>
              <td className="number" title={formatWhole(journal.records)}>
                {formatCount(journal.records)}
              </td>
              <td className="holes">
                {journal.holes.length === 0
                  ? 'none inside'
                  : journal.holes.map(({ afterSeq, beforeSeq }) => (
                      <span key={afterSeq} className="hole">
                        {countOf(beforeSeq - afterSeq - 1, 'record')} missing between {formatWhole(afterSeq)} and{' '}
                        {formatWhole(beforeSeq)}
                      </span>
                    ))}
                {journal.lostCalls > 0 ? (
                  <>
                    {', '}
                    <Link to="/calls" search={lost}>
                      {countOf(journal.lostCalls, 'lost call')}
                    </Link>
                    {' that AWS knows and the journal does not'}
                  </>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}
