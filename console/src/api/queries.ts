import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { AttentionAnswer, CallsAnswer, FacetsAnswer, HistogramAnswer } from '../../../src/app/api/schema/call.ts'
import type { CallDetail } from '../../../src/app/api/schema/call-detail.ts'
import type { CoverageAnswer } from '../../../src/app/api/schema/coverage.ts'
import type { StatusAnswer } from '../../../src/app/api/schema/operate.ts'
import type { SessionAnswer } from '../../../src/app/api/schema/session.ts'
import type { StoryAnswer } from '../../../src/app/api/schema/story.ts'
import { type Filters, filterParams } from '../view/calls-view.ts'
import type { WindowView } from '../view/window-view.ts'
import { apiUrl, getJson } from './request.ts'

/** What a list is asked for. */
export interface Selection {
  readonly window: WindowView
  readonly filters: Filters
}

/** Every answer about calls is an act in the hub's journal, so pages look again seldom and say when they did. */
const lookAgainMs = 30_000
const pageRows = 100

/** The parameters of a selection. */
export function selectionParams({ window, filters }: Selection): Record<string, string> {
  return { ...windowParams(window), ...filterParams(filters) }
}

function windowParams({ since, until }: WindowView): Record<string, string> {
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
}

/** Who is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => getJson<SessionAnswer>(apiUrl('/session'), signal),
  staleTime: 60_000,
  retry: false,
})

/** Where the program stands. */
export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => getJson<StatusAnswer>(apiUrl('/status'), signal),
  refetchInterval: lookAgainMs,
})

/** The thread through the made day; it has no steps where nothing is simulated. */
export const storyQuery = queryOptions({
  queryKey: ['story'],
  queryFn: ({ signal }) => getJson<StoryAnswer>(apiUrl('/story'), signal),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
})

/** Calls, newest first, page by page. */
export function callsQuery(selection: Selection) {
  const params = selectionParams(selection)
  return infiniteQueryOptions({
    queryKey: ['calls', params],
    queryFn: ({ pageParam, signal }) =>
      getJson<CallsAnswer>(
        apiUrl('/calls', { ...params, limit: String(pageRows), ...(pageParam === null ? {} : { cursor: pageParam }) }),
        signal,
      ),
    initialPageParam: nothingYet,
    getNextPageParam: (last) => last.next,
    // Rows are added when the reader says so, never under his eyes.
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })
}
const nothingYet: string | null = null

/** What the list can be narrowed by. */
export function facetsQuery(selection: Selection) {
  const params = selectionParams(selection)
  return queryOptions({
    queryKey: ['facets', params],
    queryFn: ({ signal }) => getJson<FacetsAnswer>(apiUrl('/calls/facets', params), signal),
    refetchInterval: lookAgainMs,
    placeholderData: keepPreviousData,
  })
}

/** Calls over time. */
export function histogramQuery(selection: Selection, buckets: number) {
  const params = { ...selectionParams(selection), buckets: String(buckets) }
  return queryOptions({
    queryKey: ['histogram', params],
    queryFn: ({ signal }) => getJson<HistogramAnswer>(apiUrl('/calls/histogram', params), signal),
    refetchInterval: lookAgainMs,
    placeholderData: keepPreviousData,
  })
}

/** What somebody should look at. */
export function attentionQuery(window: WindowView) {
  const params = windowParams(window)
  return queryOptions({
    queryKey: ['attention', params],
    queryFn: ({ signal }) => getJson<AttentionAnswer>(apiUrl('/attention', params), signal),
    refetchInterval: lookAgainMs,
    placeholderData: keepPreviousData,
  })
}

/** What each layer could see. */
export function coverageQuery(window: WindowView) {
  const params = windowParams(window)
  return queryOptions({
    queryKey: ['coverage', params],
    queryFn: ({ signal }) => getJson<CoverageAnswer>(apiUrl('/coverage', params), signal),
    refetchInterval: lookAgainMs,
    placeholderData: keepPreviousData,
  })
}

/** One call. */
export function callQuery(key: string) {
  return queryOptions({
    queryKey: ['call', key],
    queryFn: ({ signal }) => getJson<CallDetail>(apiUrl(`/calls/${encodeURIComponent(key)}`), signal),
    staleTime: 10_000,
  })
}
