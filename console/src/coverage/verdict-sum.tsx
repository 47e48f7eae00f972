import { Link } from '@tanstack/react-router'
import type { CoverageAnswer } from '../../../src/app/api/schema/coverage.ts'
import { formatWhole } from '../number/format-number.ts'
import { VerdictBadge } from '../verdict/verdict-badge.tsx'
import { verdictNames } from '../verdict/verdict-table.ts'
import { writeCallsView } from '../view/calls-view.ts'
import { useWindowWords } from '../view/use-words.ts'

/** Every verdict with its calls; they add up. */
export function VerdictSum({ answer }: { readonly answer: CoverageAnswer }) {
  const span = useWindowWords()
  const sum = verdictNames.reduce((total, name) => total + (answer.verdicts[name] ?? 0), 0)
  return (
    <table className="plain verdict-sum">
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col" className="number">
            Calls
          </th>
        </tr>
      </thead>
      <tbody>
        {verdictNames.map((verdict) => (
          <tr key={verdict}>
            <th scope="row">
              <VerdictBadge verdict={verdict} />
            </th>
            <td className="number">
              <Link
                to="/calls"
                search={{ ...writeCallsView({ filters: { verdict: { is: [verdict], not: [] } } }), ...span }}
                aria-label={`${formatWhole(answer.verdicts[verdict] ?? 0)} calls, ${verdict.replaceAll('_', ' ')}`}
              >
                {formatWhole(answer.verdicts[verdict] ?? 0)}
              </Link>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Sum of the verdicts{sum === answer.total ? ', and all calls' : ''}</th>
          <td className="number">
            <strong>{formatWhole(sum)}</strong>
          </td>
        </tr>
      </tfoot>
    </table>
  )
}
