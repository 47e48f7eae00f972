import { verdicts } from '../../record/verdict.ts'
import type { Engine } from '../store/engine.ts'
import { type GatewayLogReport, gatewayLogsIn } from '../store/queries/gateway-logs.ts'
import { countVerdicts, lostByGateway, placesCalled } from '../store/queries/list-calls.ts'
import type { TimeWindow } from '../store/queries/time-window.ts'
import { CoverageTimeline, type LayerState } from './coverage.ts'
import { JournalCoverage } from './journal-coverage.ts'
import { loadJournalMarks, loadStatePoints } from './load-context.ts'

/** A stretch of time in one state. */
export interface CoverageSpan extends LayerState {
  readonly from: string
  readonly until: string
}

/** What one layer could see of one account and region. */
export interface PlaceCoverage {
  readonly layer: 'access' | 'content'
  readonly account: string
  readonly region: string
  /** Whole hours by state; an hour counts by the worst moment in it. */
  readonly hours: { readonly complete: number; readonly blind: number; readonly unknown: number }
  readonly spans: readonly CoverageSpan[]
}

/** What is known of one gateway's journal. */
export interface JournalReport {
  readonly source: string
  readonly firstAt: string
  readonly lastAt: string
  readonly records: number
  /** Sequence numbers that are missing between two stretches. */
  readonly holes: readonly { readonly afterSeq: number; readonly beforeSeq: number }[]
  /** Calls of this gateway that AWS knows and the journal does not: in a hole, or behind its end. */
  readonly lostCalls: number
}

/** Who could see what, and how the calls came out; the verdicts add up to `total`. */
export interface CoverageReport {
  readonly since: string
  readonly until: string
  readonly total: number
  readonly verdicts: Readonly<Record<string, number>>
  readonly places: readonly PlaceCoverage[]
  readonly journals: readonly JournalReport[]
  readonly gatewayLogs: readonly GatewayLogReport[]
}

const hourMs = 3_600_000
const lookBackMs = 86_400_000

interface Place {
  readonly account: string
  readonly region: string
}

function distinct(places: readonly Place[]): readonly Place[] {
  return [...new Map(places.map((place) => [`${place.account} ${place.region}`, place])).values()]
}

/** Reports on a span of time. */
export async function coverageReport(engine: Engine, window: TimeWindow, surface: string): Promise<CoverageReport> {
  const counted = await countVerdicts(engine, window, surface)
  const timeline = new CoverageTimeline(await loadStatePoints(engine, window.since - lookBackMs, window.until))
  const called = await placesCalled(engine, window, surface)
  const places = (['access', 'content'] as const).flatMap((layer) =>
    distinct([...timeline.places(layer), ...called]).map((place) =>
      placeCoverage(timeline, layer, place.account, place.region, window),
    ),
  )
  const lost = await lostByGateway(engine, window, surface)
  const journals = new JournalCoverage(await loadJournalMarks(engine))
  return {
    since: new Date(window.since).toISOString(),
    until: new Date(window.until).toISOString(),
    total: Object.values(counted).reduce((sum, calls) => sum + calls, 0),
    verdicts: Object.fromEntries(verdicts.map((verdict) => [verdict, counted[verdict] ?? 0])),
    places: places.toSorted((a, b) =>
      `${a.layer}${a.account}${a.region}`.localeCompare(`${b.layer}${b.account}${b.region}`),
    ),
    gatewayLogs: await gatewayLogsIn(engine, window, surface),
    journals: [...journals.stretches()].map(([source, stretches]) => ({
      ...journalReport(source, stretches),
      lostCalls: lost[source.replace(/^gateway-/, '')] ?? 0,
    })),
  }
}

function placeCoverage(
  timeline: CoverageTimeline,
  layer: 'access' | 'content',
  account: string,
  region: string,
  window: TimeWindow,
): PlaceCoverage {
  const spans: CoverageSpan[] = []
  const hours = { complete: 0, blind: 0, unknown: 0 }
  for (let from = Math.floor(window.since / hourMs) * hourMs; from < window.until; from += hourMs) {
    const until = Math.min(from + hourMs, window.until)
    const state = timeline.over(layer, account, region, from, until)
    hours[state.state] += 1
    const last = spans.at(-1)
    if (last?.state === state.state && last.why === state.why)
      spans[spans.length - 1] = { ...last, until: new Date(until).toISOString() }
    else spans.push({ ...state, from: new Date(from).toISOString(), until: new Date(until).toISOString() })
  }
  return { layer, account, region, hours, spans }
}

function journalReport(
  source: string,
  stretches: readonly { firstSeq: number; lastSeq: number; firstAt: number; lastAt: number }[],
): Omit<JournalReport, 'lostCalls'> {
  const holes = stretches
    .slice(1)
    .map((stretch, i) => ({ afterSeq: stretches[i]?.lastSeq ?? 0, beforeSeq: stretch.firstSeq }))
  return {
    source,
    firstAt: new Date(stretches[0]?.firstAt ?? 0).toISOString(),
    lastAt: new Date(stretches.at(-1)?.lastAt ?? 0).toISOString(),
    records: stretches.reduce((sum, stretch) => sum + stretch.lastSeq - stretch.firstSeq + 1, 0),
    holes,
  }
}
