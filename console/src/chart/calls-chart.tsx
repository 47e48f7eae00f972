import { useEffect, useId, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './chart.css'
import type { HistogramAnswer } from '../../../src/app/api/schema/call.ts'
import { formatWhole } from '../number/format-number.ts'
import { useScheme } from '../theme/color-scheme.tsx'
import { formatDuration } from '../time/format-time.ts'
import { useZone } from '../time/zone.tsx'
import { groupTable } from '../verdict/verdict-table.ts'
import { ChartTable } from './chart-table.tsx'
import { snapToBuckets, stackOf, stackOrder } from './stack.ts'

interface ChartProps {
  readonly answer: HistogramAnswer
  readonly height: number
  /** A stretch was drawn, or a bar clicked; moments as the address takes them. */
  readonly choose: (since: string, until: string) => void
}

/** Calls over time in five groups. The same numbers stand in a table below it, which is how a reader without sight gets them. */
export function CallsChart({ answer, height, choose }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const table = useId()
  const { shown } = useScheme()
  const { zone } = useZone()
  useEffect(() => {
    const element = place.current
    if (element === null) return
    // The colours are read off the style sheet when it is drawn, so another scheme draws it again.
    element.dataset['scheme'] = shown
    const chart = new uPlot(optionsOf({ answer, height, choose }, element, zone !== 'local'), dataOf(answer), element)
    const watch = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      chart.destroy()
    }
  }, [answer, height, choose, zone, shown])
  const total = answer.buckets.reduce(
    (sum, { calls }) => sum + Object.values(calls).reduce((all, one) => all + one, 0),
    0,
  )
  const width = formatDuration(answer.bucketMs)
  return (
    <figure className="chart">
      <div
        ref={place}
        role="img"
        aria-label={`${formatWhole(total)} calls over time, ${width} a bar`}
        aria-details={table}
      />
      <figcaption>
        <span>1 bar = {width} · draw across bars, or click one, to look closer</span>
        <ul className="chart-legend">
          {[...stackOrder].reverse().map((group) => (
            <li key={group}>
              <i data-group={group} aria-hidden="true" />
              {groupTable[group].label}
            </li>
          ))}
        </ul>
      </figcaption>
      <ChartTable id={table} answer={answer} choose={choose} />
    </figure>
  )
}

/** The largest stack is drawn first, the others over it. */
function dataOf(answer: HistogramAnswer): uPlot.AlignedData {
  const { seconds, edges } = stackOf(answer)
  return [seconds, ...edges.toReversed()]
}

function optionsOf({ answer, height, choose }: ChartProps, element: HTMLElement, utc: boolean): uPlot.Options {
  const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim()
  const pick = (chart: uPlot, left: number, right: number) => {
    const at = (x: number) => chart.posToVal(x, 'x') * 1000
    const { since, until } = snapToBuckets(at(left), at(right), answer.bucketMs)
    choose(new Date(since).toISOString(), new Date(until).toISOString())
  }
  const bars = uPlot.paths.bars?.({ align: 1, size: [0.86, 60] })
  const axis: uPlot.Axis = {
    stroke: colour('--ink-secondary'),
    grid: { stroke: colour('--ink-rule'), width: 1 },
    ticks: { show: false },
    font: '12px "Inter Variable", system-ui, sans-serif',
  }
  const first = Date.parse(answer.buckets[0]?.from ?? answer.since) / 1000
  const last = Date.parse(answer.buckets.at(-1)?.from ?? answer.until) / 1000 + answer.bucketMs / 1000
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    ...(utc ? { tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') } : {}),
    scales: { x: { time: true, range: [first, last] }, y: { range: (_, _low, high) => [0, Math.max(high, 1) * 1.05] } },
    axes: [
      { ...axis, values: timesIn(utc) },
      {
        ...axis,
        size: 44,
        space: 26,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
      },
    ],
    series: [
      {},
      ...stackOrder.toReversed().map(
        (group): uPlot.Series => ({
          label: group,
          fill: colour(`--group-${group}`),
          width: 0,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        }),
      ),
    ],
    hooks: {
      setSelect: [
        (chart) => {
          if (chart.select.width > 2) pick(chart, chart.select.left, chart.select.left + chart.select.width)
        },
      ],
      ready: [
        (chart) =>
          chart.over.addEventListener('click', (event) => {
            if (chart.select.width <= 2 && answer.bucketMs > 1000) pick(chart, event.offsetX, event.offsetX)
          }),
      ],
    },
  }
}

/** Hours and minutes, and the day where it changes; the zone stands behind them. */
function timesIn(utc: boolean): uPlot.Axis.Values {
  const pad = (value: number) => String(value).padStart(2, '0')
  return (_, splits) => {
    let before = ''
    return splits.map((seconds) => {
      const at = utc ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000)
      const day = `${pad(at.getMonth() + 1)}-${pad(at.getDate())}`
      const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}${utc ? 'Z' : ''}`
      const text = day === before ? clock : `${clock}\n${day}`
      before = day
      return text
    })
  }
}
