import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback } from 'react'
import { attentionQuery, coverageQuery, facetsQuery, histogramQuery } from '../api/queries.ts'
import { CallsChart } from '../chart/calls-chart.tsx'
import { IgnoredNotice } from '../shell/ignored-notice.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { WindowPicker } from '../shell/window-picker.tsx'
import { Panel } from '../states/panel.tsx'
import { PanelBoundary } from '../states/panel-boundary.tsx'
import { useWindow, useWords } from '../view/use-words.ts'
import { readWindow } from '../view/window-view.ts'
import { AttentionList } from './attention-list.tsx'
import { GroupTotals } from './group-totals.tsx'
import { LedgerBox } from './ledger-box.tsx'
import { SourceTrouble } from './source-trouble.tsx'
import { Story } from './story.tsx'
import { WitnessStrip } from './witness-strip.tsx'
import './overview.css'

const bars = 96
const everything = {}

/** What a person sees first: are the witnesses there, how did the calls come out, what needs somebody. */
export function OverviewPage() {
  usePageTitle('Overview')
  const navigate = useNavigate()
  const window = useWindow()
  const { ignored } = readWindow(useWords())
  const selection = { window, filters: everything }
  const facets = useQuery(facetsQuery(selection))
  const histogram = useQuery(histogramQuery(selection, bars))
  const open = useCallback(
    (since: string, until: string) => void navigate({ to: '/calls', search: { since, until } }),
    [navigate],
  )
  return (
    <div className="page overview">
      <div className="page-head">
        <h1>Overview</h1>
        <WindowPicker answered={facets.data} key={`${window.since} ${window.until}`} />
      </div>
      <IgnoredNotice ignored={ignored} />
      <SourceTrouble />
      <Panel title="How the calls came out" asked={facets} rows={3} className="wide">
        {(answer) => <GroupTotals answer={answer} />}
      </Panel>
      <div className="overview-columns">
        <div>
          <Panel title="Calls over time" asked={histogram} rows={6}>
            {(answer) => <CallsChart answer={answer} height={190} choose={open} />}
          </Panel>
          <Panel title="Needs a person" asked={useQuery(attentionQuery(window))} rows={6}>
            {(answer) => <AttentionList answer={answer} />}
          </Panel>
        </div>
        <div>
          <PanelBoundary>
            <Story />
          </PanelBoundary>
          <Panel title="Witnesses, by hour" asked={useQuery(coverageQuery(window))} rows={4}>
            {(answer) => <WitnessStrip answer={answer} />}
          </Panel>
          <LedgerBox />
        </div>
      </div>
    </div>
  )
}
