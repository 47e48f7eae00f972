import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { callQuery } from '../api/queries.ts'
import { formatCount, formatWhole, shortId } from '../number/format-number.ts'
import { Trouble } from '../states/panel.tsx'
import { Skeleton } from '../states/skeleton.tsx'
import { formatDuration } from '../time/format-time.ts'
import { TimeText } from '../time/zone.tsx'
import { VerdictBadge } from '../verdict/verdict-badge.tsx'
import { WitnessGlyph } from '../verdict/witness-glyph.tsx'
import { witnessMarks } from '../verdict/witness-marks.ts'
import { fromList } from '../view/call-link.ts'
import { useWindowWords } from '../view/use-words.ts'
import { CopyButton } from './copy-button.tsx'
import { idsOf } from './filter-words.ts'

interface PeekProps {
  readonly callKey: string
  /** The row, when it is among those that were fetched. */
  readonly row: CallAnswer | undefined
  readonly place: { readonly index: number; readonly of: number | undefined } | undefined
  readonly step: (by: 1 | -1) => void
  readonly close: () => void
}

/** A call beside the list: enough to decide whether to open it. */
export function Peek({ callKey, row, place, step, close }: PeekProps) {
  const asked = useQuery({ ...callQuery(callKey), enabled: row === undefined })
  const call = row ?? asked.data?.call
  return (
    <aside className="peek" aria-label="The call that is looked at">
      <div className="peek-head">
        <strong>
          {place === undefined
            ? 'not among the rows'
            : `${formatWhole(place.index + 1)} of ${place.of === undefined ? 'unknown' : formatWhole(place.of)}`}
        </strong>
        <span className="peek-steps">
          <button
            type="button"
            className="icon-button"
            onClick={() => step(-1)}
            aria-label="Previous call"
            aria-keyshortcuts="k"
          >
            <IconChevronUp size={17} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="icon-button"
            onClick={() => step(1)}
            aria-label="Next call"
            aria-keyshortcuts="j"
          >
            <IconChevronDown size={17} aria-hidden="true" />
          </button>
          <button type="button" className="icon-button" onClick={close} aria-label="Close" aria-keyshortcuts="Escape">
            <IconX size={17} aria-hidden="true" />
          </button>
        </span>
      </div>
      {call === undefined && asked.error === null ? <Skeleton rows={8} label="the call is loading" /> : null}
      {call === undefined && asked.error !== null ? (
        <Trouble error={asked.error} retry={() => void asked.refetch()} />
      ) : null}
      {call === undefined ? null : <PeekBody call={call} />}
    </aside>
  )
}

function PeekBody({ call }: { readonly call: CallAnswer }) {
  const span = useWindowWords()
  const differing = call.compared.filter(({ agree }) => !agree)
  const agreeing = call.compared.filter(({ agree }) => agree)
  return (
    <>
      <VerdictBadge verdict={call.verdict} large />
      <p className="peek-reason">{call.reason}</p>
      <p>
        <WitnessGlyph call={call} />{' '}
        <span className="secondary">
          {witnessMarks(call)
            .map(({ says }) => says)
            .join(', ')}
        </span>
      </p>
      <dl className="pairs">
        {idsOf(call).map(({ label, id }) => (
          <Pair key={label} name={label}>
            <span className="mono" title={id}>
              {shortId(id)}
            </span>
            <CopyButton text={id} what={`the ${label}`} />
          </Pair>
        ))}
        <Pair name="Time">
          <TimeText at={call.at} detail="millisecond" />
        </Pair>
        <Pair name="Who">
          <span className="mono">{call.alias || call.principalArn || 'not said'}</span>
        </Pair>
        <Pair name="Model">{call.model || 'not said'}</Pair>
        <Pair name="Operation">{call.operation}</Pair>
        <Pair name="Team, project">
          {call.team || 'not said'}, {call.project || 'not said'}
        </Pair>
        <Pair name="Account, region">
          {call.account}, {call.region}
        </Pair>
        <Pair name="Tokens">
          {call.tokens.input === null ? 'unknown' : formatCount(call.tokens.input)} in,{' '}
          {call.tokens.output === null ? 'unknown' : formatCount(call.tokens.output)} out
        </Pair>
        <Pair name="Duration">{call.durationMs === null ? 'unknown' : formatDuration(call.durationMs)}</Pair>
        <Pair name="Agree on">
          {agreeing.length === 0
            ? 'nothing could be compared'
            : [...new Set(agreeing.map(({ field }) => field))].join(', ')}
        </Pair>
        {differing.length === 0 ? null : (
          <Pair name="≠ Differ in">{[...new Set(differing.map(({ field }) => field))].join(', ')}</Pair>
        )}
        <Pair name="Findings">
          {call.findings.length === 0
            ? 'none'
            : call.findings.map((finding) => (
                <code key={finding} className="finding">
                  {finding}
                </code>
              ))}
        </Pair>
      </dl>
      <Link
        to="/calls/$key"
        params={{ key: call.key }}
        search={span}
        state={fromList}
        className="button-link"
        aria-keyshortcuts="Enter"
      >
        Open the call
      </Link>
    </>
  )
}

function Pair({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
