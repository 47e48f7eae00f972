import { useQuery } from '@tanstack/react-query'
import { coverageQuery } from '../api/queries.ts'
import { IgnoredNotice } from '../shell/ignored-notice.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { WindowPicker } from '../shell/window-picker.tsx'
import { Panel } from '../states/panel.tsx'
import { useWindow, useWords } from '../view/use-words.ts'
import { readWindow } from '../view/window-view.ts'
import { CoverageGrid } from './coverage-grid.tsx'
import { JournalTable } from './journal-table.tsx'
import { VerdictSum } from './verdict-sum.tsx'
import './coverage.css'

/** Who could see what: without it a missing record would mean nothing. */
export function CoveragePage() {
  usePageTitle('Coverage')
  const window = useWindow()
  const { ignored } = readWindow(useWords())
  const coverage = useQuery(coverageQuery(window))
  return (
    <div className="page">
      <div className="page-head">
        <h1>Coverage</h1>
        <WindowPicker answered={coverage.data} key={`${window.since} ${window.until}`} />
      </div>
      <IgnoredNotice ignored={ignored} />
      <Panel title="What each layer could see, by hour" asked={coverage} rows={8}>
        {(answer) => <CoverageGrid answer={answer} />}
      </Panel>
      <div className="coverage-columns">
        <Panel title="Journals of the gateways" asked={coverage} rows={3}>
          {(answer) => <JournalTable answer={answer} />}
        </Panel>
        <Panel title="Calls and verdicts" asked={coverage} rows={3}>
          {(answer) => <VerdictSum answer={answer} />}
        </Panel>
      </div>
    </div>
  )
}
