import type { CallDetail } from '../../../src/app/api/schema/call-detail.ts'
import { formatDuration } from '../time/format-time.ts'
import { TimeText } from '../time/zone.tsx'

type Moments = CallDetail['timeline']

/** From intent to the arrival of the last log. The scale is logarithmic: an answer takes seconds, a log file minutes. */
export function Timeline({ moments }: { readonly moments: Moments }) {
  const [first] = moments
  if (first === undefined) return <p className="secondary">No moment of this call is known.</p>
  const start = Date.parse(first.at)
  const last = Math.max(...moments.map(({ at }) => Date.parse(at))) - start
  const place = (ms: number) => (last <= 0 ? 0 : (Math.log1p(ms) / Math.log1p(last)) * 100)
  return (
    <ol className="timeline">
      {moments.map(({ at, kind, text }) => {
        const after = Date.parse(at) - start
        return (
          <li key={`${at} ${kind} ${text}`}>
            <TimeText at={at} detail="millisecond" />
            <span className="timeline-after number">+{formatDuration(after)}</span>
            <span className="timeline-scale" aria-hidden="true">
              <i data-moment={kind} style={{ left: `${place(after)}%` }} />
            </span>
            <span>{text}</span>
          </li>
        )
      })}
    </ol>
  )
}
