import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { CallDetail } from '../../../src/app/api/schema/call-detail.ts'
import { apiUrl } from '../api/request.ts'
import { CopyButton } from '../calls/copy-button.tsx'
import { Trouble } from '../states/panel.tsx'
import { Skeleton } from '../states/skeleton.tsx'
import { NothingYet } from '../states/states.tsx'
import { CheckLines } from '../verify/check-lines.tsx'

const recordNames = {
  intent: 'Intent',
  outcome: 'Outcome',
  access: 'CloudTrail file',
  content: 'Invocation record',
} as const
type RecordName = keyof typeof recordNames
const recordOrder = Object.keys(recordNames)

/** As they came about. */
function inOrder(receipts: CallDetail['receipts']): CallDetail['receipts'] {
  return receipts.toSorted((a, b) => recordOrder.indexOf(a.record) - recordOrder.indexOf(b.record))
}

interface ReceiptProps {
  readonly callKey: string
  readonly receipts: CallDetail['receipts']
}

/** That nothing was changed since: checked here, and anywhere else with the file and a command. */
export function ReceiptPanel({ callKey, receipts }: ReceiptProps) {
  const entered = receipts.filter(({ state }) => state === 'entered')
  const waiting = receipts.filter(({ state }) => state === 'backlog')
  const [chosen, setChosen] = useState<RecordName>()
  // The hub names first what says most of the call: `triptych prove` takes the same.
  const record = chosen ?? entered[0]?.record
  return (
    <section className="panel" aria-label="Receipt">
      <div className="panel-head">
        <h2>Receipt</h2>
        {entered.length < 2 ? null : (
          <fieldset className="choice">
            <legend className="hidden">Of which record</legend>
            {inOrder(entered).map((one) => (
              <label key={one.record}>
                <input
                  type="radio"
                  name="record"
                  checked={record === one.record}
                  onChange={() => setChosen(one.record)}
                />
                <span>{recordNames[one.record]}</span>
              </label>
            ))}
          </fieldset>
        )}
      </div>
      {record === undefined ? (
        <NothingYet title="No receipt yet">
          <p>A record gets one as soon as it is an entry of the ledger, which takes seconds. Look again then.</p>
        </NothingYet>
      ) : (
        <Receipt key={record} callKey={callKey} record={record} />
      )}
      {waiting.length === 0 ? null : (
        <p className="secondary">Waits for the ledger: {waiting.map((one) => recordNames[one.record]).join(', ')}.</p>
      )}
    </section>
  )
}

function Receipt({ callKey, record }: { readonly callKey: string; readonly record: RecordName }) {
  const check = useQuery({
    queryKey: ['receipt', callKey, record],
    queryFn: async () => (await import('../verify/check-receipt.ts')).checkReceipt(callKey, record, localStorage),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const file = `${callKey}.${record}.tlog-proof`
  const command = `npx triptych verify --proof ${file}${check.data === undefined ? '' : ` --key '${check.data.key}'`}`
  return (
    <>
      {check.isFetching ? <Skeleton rows={5} label="the receipt is being checked" /> : null}
      {check.error === null ? null : <Trouble error={check.error} retry={() => void check.refetch()} />}
      {check.data === undefined ? null : (
        <>
          <p role="status" className="receipt-word" data-verified={check.data.verified}>
            {check.data.verified ? 'Verified by this browser.' : 'Not verified: see the lines below.'}
          </p>
          <CheckLines checks={check.data.checks} />
        </>
      )}
      <div className="buttons">
        <a
          className="button-link"
          href={apiUrl(`/calls/${encodeURIComponent(callKey)}/proof`, { record })}
          download={file}
        >
          Download the receipt
        </a>
        <Button onClick={() => void check.refetch()}>Check again</Button>
      </div>
      <p className="offline">
        Offline, without the hub: <code>{command}</code> <CopyButton text={command} what="the command" />
      </p>
    </>
  )
}
