import { useState } from 'react'
import type { CallDetail } from '../../../src/app/api/schema/call-detail.ts'
import { countOf } from '../number/format-number.ts'
import { witnessRows } from '../verdict/witness-table.ts'
import { InertText } from './inert-text-view.tsx'

/** The records as they lie in the store, for whoever wants to see for himself. */
export function RawRecords({ panels }: { readonly panels: CallDetail['panels'] }) {
  return (
    <div className="raw">
      {witnessRows.map(({ layer: panel, name }) => {
        const records = panel === 'gateway' ? (panels.gateway === null ? [] : [panels.gateway]) : panels[panel]
        return <Raw key={panel} name={name} records={records} />
      })}
    </div>
  )
}

/** Nothing is drawn that is not open. */
function Raw({ name, records }: { readonly name: string; readonly records: readonly object[] }) {
  const [open, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {name}: {countOf(records.length, 'record')}
      </summary>
      {open && records.length > 0 ? <InertText text={JSON.stringify(records, null, 2)} name={`${name}, raw`} /> : null}
    </details>
  )
}
