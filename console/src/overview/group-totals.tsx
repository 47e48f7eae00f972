import { Link } from '@tanstack/react-router'
import type { FacetsAnswer } from '../../../src/app/api/schema/call.ts'
import { formatCount, formatShare, formatWhole } from '../number/format-number.ts'
import { NothingYet } from '../states/states.tsx'
import { VerdictIcon } from '../verdict/verdict-icon.tsx'
import {
  countByGroup,
  groupTable,
  type VerdictGroup,
  verdictGroups,
  verdictsOf,
  verdictTable,
} from '../verdict/verdict-table.ts'
import { writeCallsView } from '../view/calls-view.ts'
import { useWindowWords } from '../view/use-words.ts'

/** Five numbers that add up to all calls; each leads to its rows. */
export function GroupTotals({ answer }: { readonly answer: FacetsAnswer }) {
  const counts = Object.fromEntries((answer.facets.verdict?.values ?? []).map(({ value, calls }) => [value, calls]))
  const groups = countByGroup(counts)
  const sum = verdictGroups.reduce((total, group) => total + groups[group], 0)
  if (answer.total === 0)
    return (
      <NothingYet title="No call in this span of time yet">
        <p>
          Choose a longer span, or bring calls in: point a client at the gateway, or take logs in with{' '}
          <code>npx triptych ingest cloudtrail ./AWSLogs</code>.
        </p>
      </NothingYet>
    )
  return (
    <div className="groups">
      {verdictGroups.map((group) => (
        <Group key={group} group={group} counts={counts} calls={groups[group]} total={answer.total} />
      ))}
      <p className="groups-sum">
        {verdictGroups.map((group) => formatWhole(groups[group])).join(' + ')} = <strong>{formatWhole(sum)}</strong> of{' '}
        <AllCalls total={answer.total} />
        {sum === answer.total ? null : <strong> · calls were judged while this was counted; look again</strong>}
      </p>
    </div>
  )
}

function AllCalls({ total }: { readonly total: number }) {
  return (
    <Link to="/calls" search={useWindowWords()}>
      {formatWhole(total)} calls
    </Link>
  )
}

interface GroupProps {
  readonly group: VerdictGroup
  readonly counts: Readonly<Partial<Record<string, number>>>
  readonly calls: number
  readonly total: number
}

function Group({ group, counts, calls, total }: GroupProps) {
  const span = useWindowWords()
  const to = (verdicts: readonly string[]) => ({
    ...writeCallsView({ filters: { verdict: { is: verdicts, not: [] } } }),
    ...span,
  })
  const { label, says } = groupTable[group]
  return (
    <div className="group" data-loud={(group === 'accusing' || group === 'gap') && calls > 0 ? group : undefined}>
      <h3>
        <i className="swatch" data-group={group} aria-hidden="true" />
        {label}
      </h3>
      <p className="group-number">
        <Link
          to="/calls"
          search={to(verdictsOf(group))}
          title={`${formatWhole(calls)} calls: ${says}`}
          aria-label={`${label}: ${formatWhole(calls)} calls`}
        >
          {formatCount(calls)}
        </Link>
        <span>{formatShare(calls, total)}</span>
      </p>
      <ul>
        {verdictsOf(group).map((verdict) => (
          <li key={verdict} data-mark={verdict} data-zero={(counts[verdict] ?? 0) === 0 || undefined}>
            <Link to="/calls" search={to([verdict])}>
              <VerdictIcon verdict={verdict} />
              <span>{verdictTable[verdict].label}</span>
              <span className="number">{formatCount(counts[verdict] ?? 0)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}
