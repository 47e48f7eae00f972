import { useQuery } from '@tanstack/react-query'
import { statusQuery } from '../api/queries.ts'
import { Sentence } from '../states/sentence.tsx'
import { TimeText } from '../time/zone.tsx'

/** Trouble of our own stands apart from what calls are accused of. */
export function SourceTrouble() {
  const sources = useQuery(statusQuery).data?.sources ?? []
  const failing = sources.filter(({ lastError }) => lastError !== '')
  const behind = sources.flatMap(({ backTo, ...source }) => (backTo === null ? [] : [{ ...source, backTo }]))
  if (failing.length + behind.length === 0) return null
  return (
    <div className="notice" role="status">
      {failing.map(({ type, origin, lastError }) => (
        <p key={`${type} ${origin}`}>
          The source {type} <span className="mono">{origin}</span> failed last time: <Sentence text={lastError} />.
          Until it is read again its layer falls behind.
        </p>
      ))}
      {behind.map(({ type, origin, backTo }) => (
        <p key={`${type} ${origin} back`}>
          The source {type} <span className="mono">{origin}</span> is read back to <TimeText at={backTo} />; older days
          follow, the newest first. What lies before is pending, not missing.
        </p>
      ))}
    </div>
  )
}
