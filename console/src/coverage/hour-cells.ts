import type { CoverageAnswer } from '../../../src/app/api/schema/coverage.ts'
import { formatClock, formatMoment } from '../time/format-time.ts'
import { witnessTable } from '../verdict/witness-table.ts'

/** What one layer could see in one hour. `not_due`: what belongs to it may still come. `idle`: a gateway wrote nothing then. */
export type HourState = 'complete' | 'partial' | 'blind' | 'unknown' | 'not_due' | 'idle'

/** One hour, half-open; the last one ends now. */
export interface HourCell {
  readonly from: string
  readonly until: string
  readonly state: HourState
  readonly why: string
}

/** One row of the grid. */
export interface HourRow {
  readonly key: string
  readonly layer: 'access' | 'gateway' | 'content'
  readonly account: string
  readonly region: string
  /** The journal of a gateway. */
  readonly source: string
  readonly cells: readonly HourCell[]
}

const hourMs = 3_600_000
/** The hub’s own journal stands among those of the gateways; it witnesses no call. */
const hubJournal = 'hub'
/** A grid of more hours could not be read. */
export const mostHours = 72

/** The hours of a span, oldest first; at most the last three days of it. */
export function hoursOf(since: string, until: string): readonly { readonly from: number; readonly until: number }[] {
  const [start, end] = [Date.parse(since), Date.parse(until)]
  const first = Math.max(Math.floor(start / hourMs), Math.ceil(end / hourMs) - mostHours)
  const hours: { from: number; until: number }[] = []
  for (let hour = first; hour * hourMs < end; hour++)
    hours.push({ from: hour * hourMs, until: Math.min((hour + 1) * hourMs, end) })
  return hours
}

/** Every row: accounts and regions of the two layers of AWS, and the gateways’ journals. */
export function hourRows(answer: CoverageAnswer): readonly HourRow[] {
  const hours = hoursOf(answer.since, answer.until)
  const places = answer.places.map((place): HourRow => {
    const { layer, account, region } = place
    const due = Date.parse(answer.completeUntil[layer] ?? '')
    const cells = hours.map((hour) => cellOf(hour, stateOfPlace(place.spans, hour), due))
    return { key: `${layer} ${account} ${region}`, layer, account, region, source: '', cells }
  })
  const journals = answer.journals
    .filter(({ source }) => source !== hubJournal)
    .map((journal): HourRow => {
      const due = Date.parse(answer.completeUntil.gateway ?? '')
      const cells = hours.map((hour) => cellOf(hour, stateOfJournal(journal, hour), due))
      return {
        key: `gateway ${journal.source}`,
        layer: 'gateway',
        account: '',
        region: '',
        source: journal.source,
        cells,
      }
    })
  const order = { access: 0, gateway: 1, content: 2 }
  return [...places, ...journals].sort((a, b) => order[a.layer] - order[b.layer] || (a.key < b.key ? -1 : 1))
}

interface Said {
  readonly state: Exclude<HourState, 'not_due'>
  readonly why: string
}
type Hour = ReturnType<typeof hoursOf>[number]

function cellOf(hour: Hour, said: Said, due: number): HourCell {
  const times = { from: new Date(hour.from).toISOString(), until: new Date(hour.until).toISOString() }
  // A layer that was off stays off; everything else can only be said once delivery is over.
  if (said.state !== 'blind' && said.state !== 'idle' && !(due >= hour.until))
    return { ...times, state: 'not_due', why: 'the delivery window of this hour is not over' }
  return { ...times, state: said.state, why: said.why }
}

const severity = { complete: 0, idle: 0, partial: 1, unknown: 2, blind: 3 } as const

function worstOf(all: readonly Said[]): Said | undefined {
  return [...all].sort((a, b) => severity[b.state] - severity[a.state])[0]
}

function stateOfPlace(spans: CoverageAnswer['places'][number]['spans'], hour: Hour): Said {
  const touching = spans.filter((span) => Date.parse(span.from) < hour.until && Date.parse(span.until) > hour.from)
  return worstOf(touching) ?? { state: 'unknown', why: 'nothing is known of this hour' }
}

function stateOfJournal(journal: CoverageAnswer['journals'][number], hour: Hour): Said {
  const runs = Date.parse(journal.firstAt) < hour.until && Date.parse(journal.lastAt) >= hour.from
  if (!runs) return { state: 'idle', why: 'this gateway’s journal has no record of this hour' }
  if (journal.holes.length === 0) return { state: 'complete', why: 'the journal has no hole' }
  const holes = journal.holes
    .map(({ afterSeq, beforeSeq }) => `between records ${afterSeq} and ${beforeSeq}`)
    .join(', ')
  return { state: 'partial', why: `the journal has a hole ${holes}; at which hour is not known` }
}

/** One cell per hour over many rows: the worst of them, and partial where only some are blind or unknown. */
export function mergeRows(rows: readonly HourRow[]): readonly HourCell[] {
  const [first] = rows
  return (first?.cells ?? []).map((cell, i) => {
    const every = rows.flatMap((row) => row.cells[i] ?? [])
    // A gateway that wrote nothing takes nothing away from one that did.
    const busy = every.filter(({ state }) => state !== 'idle')
    const all = busy.length === 0 ? every : busy
    const states = new Set(all.map(({ state }) => state))
    const whys = [...new Set(all.filter(({ state }) => state !== 'complete').map(({ why }) => why))].join('; ')
    if (states.size === 1) return { ...cell, why: whys === '' ? cell.why : whys }
    if (states.has('not_due')) return { ...cell, state: 'not_due', why: whys }
    return { ...cell, state: 'partial', why: whys }
  })
}

/** The hours of one day, newest first; `index` is the place of an hour in its row. */
export interface DayOfHours {
  readonly day: string
  readonly hours: readonly { readonly from: string; readonly clock: string; readonly index: number }[]
}

/** Hours under the day they belong to, newest first: the day is written once and leaves the width to the columns. */
export function daysOf(cells: readonly Pick<HourCell, 'from'>[], zone: 'utc' | 'local'): readonly DayOfHours[] {
  const days = new Map<string, DayOfHours['hours']>()
  for (const [index, { from }] of cells.entries()) {
    const day = formatMoment(from, zone, 'minute').slice(0, 10)
    days.set(day, [{ from, clock: formatClock(from, zone, 'minute'), index }, ...(days.get(day) ?? [])])
  }
  return [...days].map(([day, hours]) => ({ day, hours })).toReversed()
}

/** A row in words. */
export function rowName({ layer, source, account, region }: HourRow): string {
  const { name } = witnessTable[layer]
  return layer === 'gateway' ? `${name} ${source}` : `${name} ${account} ${region}`
}
