/** Whether a layer could see at a moment. `unknown` counts as blind: nothing says that it could. */
export interface LayerState {
  readonly state: 'complete' | 'blind' | 'unknown'
  readonly why: string
}

/** A moment at which the state of a layer is known: a configuration snapshot, or a change that AWS's own trail shows. */
export interface StatePoint {
  readonly layer: 'access' | 'content'
  readonly account: string
  readonly region: string
  readonly at: number
  readonly state: 'on' | 'off' | 'unknown'
  readonly source: 'snapshot' | 'change'
  readonly reason: string
}

/**
 * Answers, for any moment, whether a layer was complete: the last point before says on, and a snapshot after it says that it
 * still was. Between two snapshots without a change event nothing changed, for the change itself is an event.
 */
export class CoverageTimeline {
  readonly #points = new Map<string, readonly StatePoint[]>()

  constructor(points: readonly StatePoint[]) {
    for (const [place, list] of groupPoints(points))
      this.#points.set(
        place,
        list.toSorted((a, b) => a.at - b.at || order(a) - order(b)),
      )
  }

  /** The places (account and region) of which anything is known. */
  places(layer: 'access' | 'content'): readonly { readonly account: string; readonly region: string }[] {
    return [...this.#points.values()].flatMap((list) => {
      const first = list[0]
      return first?.layer === layer ? [{ account: first.account, region: first.region }] : []
    })
  }

  at(layer: 'access' | 'content', account: string, region: string, at: number): LayerState {
    const points = this.#points.get(placeOf(layer, account, region))
    if (points === undefined) return { state: 'unknown', why: 'no configuration snapshot of this account and region' }
    const next = points.findIndex((point) => point.at > at)
    const before = next === -1 ? points.at(-1) : points[next - 1]
    if (before === undefined) return { state: 'unknown', why: 'no configuration snapshot before it' }
    if (before.state !== 'on') return { state: before.state === 'off' ? 'blind' : 'unknown', why: before.reason }
    const after = points[next]
    if (next === -1 || after === undefined) return { state: 'unknown', why: 'no configuration snapshot since' }
    if (after.source === 'snapshot' && after.state !== 'on')
      return { state: 'unknown', why: `no longer so at the next look: ${after.reason}` }
    return { state: 'complete', why: before.reason }
  }

  /** The worst state within a span, for a table by the hour. */
  over(layer: 'access' | 'content', account: string, region: string, from: number, to: number): LayerState {
    const points = this.#points.get(placeOf(layer, account, region)) ?? []
    const moments = [from, ...points.filter((point) => point.at > from && point.at < to).map((point) => point.at)]
    const states = moments.map((moment) => this.at(layer, account, region, moment))
    return (
      states.find((state) => state.state === 'blind') ??
      states.find((state) => state.state === 'unknown') ??
      states[0] ?? { state: 'unknown', why: 'nothing known' }
    )
  }
}

function groupPoints(points: readonly StatePoint[]): Map<string, StatePoint[]> {
  const grouped = new Map<string, StatePoint[]>()
  for (const point of points) {
    const place = placeOf(point.layer, point.account, point.region)
    const list = grouped.get(place)
    if (list === undefined) grouped.set(place, [point])
    else list.push(point)
  }
  return grouped
}

/** At one moment a change stands before the snapshot that already shows it. */
function order(point: StatePoint): number {
  return point.source === 'change' ? 0 : 1
}

function placeOf(layer: string, account: string, region: string): string {
  return `${layer} ${account} ${region}`
}
