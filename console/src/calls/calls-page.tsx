import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import type { FacetsAnswer } from '../../../src/app/api/schema/call.ts'
import { facetsQuery, histogramQuery } from '../api/queries.ts'
import { CallsChart } from '../chart/calls-chart.tsx'
import { countOf, formatWhole } from '../number/format-number.ts'
import { IgnoredNotice } from '../shell/ignored-notice.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { WindowPicker } from '../shell/window-picker.tsx'
import { type Asked, Panel, Trouble } from '../states/panel.tsx'
import { PanelBoundary } from '../states/panel-boundary.tsx'
import { Skeleton } from '../states/skeleton.tsx'
import { defaultColumns } from '../view/column-ids.ts'
import { isRelative } from '../view/window-view.ts'
import { CallsTable } from './calls-table.tsx'
import { keepDensity, keptDensity } from './density.ts'
import { Facets } from './facets.tsx'
import { FilterBar } from './filter-bar.tsx'
import { ListTools } from './list-tools.tsx'
import { LiveBar } from './live-bar.tsx'
import { EmptyList } from './no-match.tsx'
import { Peek } from './peek.tsx'
import { mostSorted, useCallList } from './use-call-list.ts'
import { useCallsView } from './use-calls-view.ts'
import { useNewerCalls } from './use-newer-calls.ts'
import { usePeekSteps } from './use-peek-steps.ts'
import './calls.css'

const bars = 120

/** Every call, narrowed as the address says. */
export function CallsPage() {
  usePageTitle('Calls')
  const { view, ignored, selection, changeFilters, change, zoom } = useCallsView()
  const [density, setDensity] = useState(keptDensity)
  const [held, setHeld] = useState(false)
  const facets = useQuery(facetsQuery(selection))
  const total = facets.data?.total
  const list = useCallList(selection, view.sort !== undefined, total)
  const pausedWhy = pauseReason(held, view.sort !== undefined, !isRelative(view.window))
  const live = useNewerCalls({
    selection,
    paused: pausedWhy !== undefined,
    newest: list.calls[0]?.at,
    patch: list.patch,
  })
  const steps = usePeekSteps({ view, change, undoZoom: zoom.undo })
  const { query } = list
  const needMore = useCallback(() => {
    if (query.hasNextPage && !query.isFetching) void query.fetchNextPage()
  }, [query.hasNextPage, query.isFetching, query.fetchNextPage])
  const show = () => {
    live.clear()
    void list.renew().then(() => {
      const first = document.querySelector('.calls-box')
      first?.scrollTo({ top: 0 })
    })
    void facets.refetch()
  }
  const place = useMemo(() => {
    const index = steps.keys.indexOf(view.peek ?? '')
    return index === -1 ? undefined : { index, of: total }
  }, [steps.keys, view.peek, total])
  const failed = query.error !== null && !query.isFetching
  return (
    <div className="page calls-page">
      <div className="page-head">
        <h1>
          Calls <span className="secondary total">{total === undefined ? '' : countOf(total, 'call')}</span>
        </h1>
        <WindowPicker answered={facets.data} key={`${view.window.since} ${view.window.until}`} />
      </div>
      <IgnoredNotice ignored={ignored} />
      <FilterBar filters={view.filters} change={changeFilters} />
      <Panel title="Calls over time" asked={useQuery(histogramQuery(selection, bars))} rows={3} className="calls-chart">
        {(answer) => <CallsChart answer={answer} height={128} choose={zoom.into} />}
      </Panel>
      <div className="calls-columns" data-peek={view.peek !== undefined || undefined}>
        <FacetSide facets={facets} filters={view.filters} change={changeFilters} />
        <section className="calls-list" aria-label="List of calls">
          <div className="list-head">
            <LiveBar
              newer={live.newer}
              told={live.told}
              pausedWhy={pausedWhy}
              canPause={isRelative(view.window)}
              toggle={() => setHeld(!held)}
              show={show}
            />
            <ListTools
              view={view}
              answered={facets.data}
              total={total}
              density={density}
              setDensity={(next) => {
                keepDensity(next)
                setDensity(next)
              }}
              setColumns={(columns) => change({ columns })}
            />
          </div>
          {view.sort === undefined ? null : (
            <SortNotice total={total} fetched={list.calls.length} all={list.fetchAll} />
          )}
          <PanelBoundary>
            {failed && query.error !== null ? <Trouble error={query.error} retry={() => void query.refetch()} /> : null}
            {query.isPending ? <Skeleton rows={12} label="the calls are loading" /> : null}
            {query.isSuccess && list.calls.length === 0 && !query.isPlaceholderData ? (
              <EmptyList filters={view.filters} window={view.window} change={changeFilters} />
            ) : null}
            {list.calls.length > 0 && !failed ? (
              <CallsTable
                calls={list.calls}
                total={total}
                shown={view.columns ?? defaultColumns}
                sort={list.fetchAll ? view.sort : undefined}
                sortBy={(sort) => change({ sort })}
                density={density}
                peeked={view.peek}
                focused={steps.focused}
                changed={live.changed}
                peek={steps.open}
                busy={query.isFetching}
                needMore={needMore}
                ordered={steps.setKeys}
              />
            ) : null}
          </PanelBoundary>
        </section>
        {view.peek === undefined ? null : (
          <Peek
            callKey={view.peek}
            row={list.calls.find(({ key }) => key === view.peek)}
            place={place}
            step={steps.step}
            close={steps.close}
          />
        )}
      </div>
    </div>
  )
}

function pauseReason(held: boolean, sorted: boolean, fixed: boolean): string | undefined {
  if (fixed) return 'the span has an end'
  if (sorted) return 'rows are in another order'
  return held ? 'by you' : undefined
}

interface SideProps extends Pick<Parameters<typeof Facets>[0], 'filters' | 'change'> {
  readonly facets: Asked<FacetsAnswer>
}

/** Beside the list; on a narrow screen it is folded away above it. */
function FacetSide({ facets, filters, change }: SideProps) {
  return (
    <details className="facet-side" open={!matchMedia('(max-width: 900px)').matches}>
      <summary>Narrow the list</summary>
      {facets.error === null ? null : <Trouble error={facets.error} retry={() => void facets.refetch()} />}
      {facets.data === undefined && facets.error === null ? <Skeleton rows={8} label="the facets are loading" /> : null}
      {facets.data === undefined || facets.error !== null ? null : (
        <Facets answer={facets.data} filters={filters} change={change} />
      )}
    </details>
  )
}

/** Only rows that are all here can be put in another order honestly. */
function SortNotice({
  total,
  fetched,
  all,
}: {
  readonly total: number | undefined
  readonly fetched: number
  readonly all: boolean
}) {
  if (total === undefined) return null
  if (!all)
    return (
      <p className="notice" role="status">
        Newest first: another order needs at most {formatWhole(mostSorted)} calls, here are {formatWhole(total)}. Narrow
        the span or add a filter.
      </p>
    )
  return fetched < total ? (
    <p className="secondary small" role="status">
      {formatWhole(fetched)} of {formatWhole(total)} calls are here to be put in order
    </p>
  ) : null
}
