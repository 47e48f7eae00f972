import { useQuery } from '@tanstack/react-query'
import { ApiProblem } from '../api/problem.ts'
import { formatCount } from '../number/format-number.ts'
import { Trouble } from '../states/panel.tsx'
import { Skeleton } from '../states/skeleton.tsx'
import { NothingYet } from '../states/states.tsx'
import { TimeText } from '../time/zone.tsx'
import { CheckLines } from '../verify/check-lines.tsx'

const lookAgainMs = 60_000

/** The ledger, checked here and not believed. */
export function LedgerBox() {
  const ledger = useQuery({
    queryKey: ['ledger'],
    // The verifier is loaded beside the page, not with it.
    queryFn: async () => (await (await import('../verify/check-ledger.ts')).checkLedger(localStorage)) ?? null,
    refetchInterval: lookAgainMs,
    retry: false,
  })
  const missing = ledger.error instanceof ApiProblem && ledger.error.status === 404
  return (
    <section className="panel" aria-busy={ledger.isFetching}>
      <div className="panel-head">
        <h2>Ledger</h2>
      </div>
      {ledger.isPending ? <Skeleton rows={3} label="the ledger is being checked" /> : null}
      {missing || ledger.data === null ? (
        <NothingYet title="No checkpoint yet">
          <p>The first entries are signed within seconds of the first record.</p>
        </NothingYet>
      ) : null}
      {ledger.error === null || missing ? null : <Trouble error={ledger.error} retry={() => void ledger.refetch()} />}
      {ledger.data ? (
        <div className="ledger">
          <p className="ledger-size">
            <strong>{formatCount(ledger.data.checkpoint.size)}</strong> entries
          </p>
          <p className="secondary">
            <span className="mono">{ledger.data.checkpoint.origin}</span>
            <br />
            at this size since <TimeText at={ledger.data.seenAt} />, as seen here
            <br />
            checked <TimeText at={new Date(ledger.dataUpdatedAt).toISOString()} />
            {ledger.data.verified ? ', verified by this browser' : ', not verified'}
          </p>
          <CheckLines checks={ledger.data.checks} />
        </div>
      ) : null}
    </section>
  )
}
