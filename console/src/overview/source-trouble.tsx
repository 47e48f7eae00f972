import { useQuery } from '@tanstack/react-query'
import { statusQuery } from '../api/queries.ts'
import { Sentence } from '../states/sentence.tsx'

/** Trouble of our own stands apart from what calls are accused of. */
export function SourceTrouble() {
  const failing = useQuery(statusQuery).data?.sources.filter(({ lastError }) => lastError !== '') ?? []
  if (failing.length === 0) return null
  return (
    <div className="notice" role="status">
      {failing.map(({ type, origin, lastError }) => (
        <p key={`${type} ${origin}`}>
          The source {type} <span className="mono">{origin}</span> failed last time: <Sentence text={lastError} />.
          Until it is read again its layer falls behind.
        </p>
      ))}
    </div>
  )
}
