import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { CallDetail } from '../../../src/app/api/schema/call-detail.ts'
import { useLiveState } from '../api/live.tsx'
import { ApiProblem } from '../api/problem.ts'
import { callQuery } from '../api/queries.ts'
import { CopyButton } from '../calls/copy-button.tsx'
import { idsOf } from '../calls/filter-words.ts'
import { countOf, formatWhole, shortId } from '../number/format-number.ts'
import { usePageTitle } from '../shell/page-title.ts'
import { useShortcuts } from '../shell/shortcuts.ts'
import { Panel, Trouble } from '../states/panel.tsx'
import { PanelBoundary } from '../states/panel-boundary.tsx'
import { Skeleton } from '../states/skeleton.tsx'
import { NothingYet } from '../states/states.tsx'
import { TimeText } from '../time/zone.tsx'
import { VerdictBadge } from '../verdict/verdict-badge.tsx'
import { verdictTable } from '../verdict/verdict-table.ts'
import { WitnessGlyph } from '../verdict/witness-glyph.tsx'
import { witnessMarks } from '../verdict/witness-marks.ts'
import { useBackToList } from '../view/call-link.ts'
import { writeCallsView } from '../view/calls-view.ts'
import { differsElsewhere } from './field-groups.ts'
import { RawRecords } from './raw-records.tsx'
import { ReceiptPanel } from './receipt-panel.tsx'
import { RevealDialog } from './reveal-dialog.tsx'
import type { Masked } from './reveal-rights.ts'
import { Revealed } from './revealed.tsx'
import { Timeline } from './timeline.tsx'
import { TriptychTable } from './triptych-table.tsx'
import { useReveal } from './use-reveal.ts'
import '../calls/calls.css'
import './call.css'

/** One call as three witnesses saw it. */
export function CallPage() {
  const { key } = useParams({ from: '/calls/$key' })
  usePageTitle(`Call ${shortId(key)}`)
  const back = useBackToList()
  useShortcuts(useMemo(() => ({ escape: back }), [back]))
  const asked = useQuery(callQuery(key))
  if (asked.error instanceof ApiProblem && asked.error.code === 'RESOURCE_NOT_FOUND') return <NotSeen callKey={key} />
  return (
    <div className="page call-page">
      {asked.error === null ? null : (
        <>
          <h1>Call {shortId(key)}</h1>
          <Trouble error={asked.error} retry={() => void asked.refetch()} />
        </>
      )}
      {asked.isPending ? (
        <>
          <h1>Call {shortId(key)}</h1>
          <Skeleton rows={12} label="the call is loading" />
        </>
      ) : null}
      {asked.data === undefined || asked.error !== null ? null : <Call key={key} detail={asked.data} asked={asked} />}
    </div>
  )
}

/** Not here is not the same as not there: its record may be on the way. */
function NotSeen({ callKey }: { readonly callKey: string }) {
  const until = useLiveState().beat?.completeUntil.access
  return (
    <div className="page">
      <h1>Call {shortId(callKey)}</h1>
      <NothingYet title="No witness has shown this call">
        <p>
          Nothing is known under <span className="mono cell-text">{callKey}</span>.{' '}
          {until === undefined || until === null ? (
            'How far CloudTrail was delivered is not known yet.'
          ) : (
            <>
              CloudTrail is complete until <TimeText at={until} />: a later call may still arrive.
            </>
          )}
        </p>
        <p>
          <Link to="/calls">All calls</Link>
        </p>
      </NothingYet>
    </div>
  )
}

interface CallProps {
  readonly detail: CallDetail
  readonly asked: Parameters<typeof Panel<CallDetail>>[0]['asked']
}

function Call({ detail, asked }: CallProps) {
  const { call } = detail
  const [dialog, setDialog] = useState<Masked>()
  const revealed = useReveal(call.key)
  const masked = { ...revealed, ask: setDialog }
  return (
    <>
      <CallHead detail={detail} />
      <Revealed identity={revealed.identity} content={revealed.content} hide={revealed.hide} />
      {dialog === undefined ? null : (
        <RevealDialog
          what={dialog}
          send={(reason) => revealed.reveal(dialog, reason)}
          close={() => setDialog(undefined)}
        />
      )}
      <Panel title="Three witnesses" asked={asked}>
        {(answer) => (
          <>
            <OtherRecords detail={answer} />
            <TriptychTable rows={answer.fields} masked={masked} />
          </>
        )}
      </Panel>
      <div className="call-columns">
        <Panel title="From intent to the last log" asked={asked}>
          {({ timeline }) => <Timeline moments={timeline} />}
        </Panel>
        <PanelBoundary>
          <ReceiptPanel callKey={call.key} receipts={detail.receipts} />
        </PanelBoundary>
      </div>
      <Panel title="Records as they are kept" asked={asked}>
        {({ panels }) => <RawRecords panels={panels} />}
      </Panel>
    </>
  )
}

/** Where a witness has more than one record of a call, the table shows the first: the difference may lie in another. */
function OtherRecords({ detail }: { readonly detail: CallDetail }) {
  const elsewhere = differsElsewhere(detail)
  const { access, content } = detail.panels
  if (access.length < 2 && content.length < 2 && elsewhere.length === 0) return null
  return (
    <p className="notice">
      CloudTrail has {countOf(access.length, 'record')} of this call, the invocation log has{' '}
      {formatWhole(content.length)}. The first of each stands here.
      {elsewhere.length === 0
        ? ''
        : ` They differ in ${elsewhere.join(', ').replaceAll('_', ' ')} elsewhere: see the records as they are kept.`}
    </p>
  )
}

function CallHead({ detail }: { readonly detail: CallDetail }) {
  const { call, rule } = detail
  const alike = writeCallsView({ filters: { verdict: { is: [call.verdict], not: [] } } })
  return (
    <div className="call-head">
      <h1>
        <VerdictBadge verdict={call.verdict} large />
        <span className="call-id">
          Call <span className="mono">{shortId(call.key)}</span>
        </span>
      </h1>
      <p className="call-reason">{call.reason}.</p>
      <p className="secondary">
        Rule {rule.number} of {rule.of}, the first that holds.{' '}
        {call.findings.length === 0 ? null : (
          <>
            Found:{' '}
            {call.findings.map((finding) => (
              <code key={finding} className="finding">
                {finding}
              </code>
            ))}{' '}
          </>
        )}
        {call.previousVerdict === '' || call.previousVerdict === call.verdict
          ? null
          : `Was ${call.previousVerdict.replaceAll('_', ' ')} before. `}
        Judged <TimeText at={call.judgedAt} />.{' '}
        <Link to="/calls" search={alike}>
          All calls with the verdict {verdictTable[call.verdict].label}
        </Link>
      </p>
      <p className="call-facts">
        <WitnessGlyph call={call} />
        <span>
          {witnessMarks(call)
            .map(({ says }) => says)
            .join(', ')}
        </span>
      </p>
      <p className="call-facts">
        {idsOf(call).map(({ label, id }) => (
          <span key={label}>
            <span className="secondary">{label}</span> <span className="mono cell-text">{id}</span>
            <CopyButton text={id} what={`the ${label}`} />
          </span>
        ))}
      </p>
    </div>
  )
}
