import { Link } from '@tanstack/react-router'
import { type MouseEvent, memo } from 'react'
import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { TimeText } from '../time/zone.tsx'
import { verdictTable } from '../verdict/verdict-table.ts'
import { fromList } from '../view/call-link.ts'
import type { ColumnId } from '../view/column-ids.ts'
import { columnTable } from './columns.tsx'

interface RowProps {
  readonly call: CallAnswer
  readonly index: number
  readonly shown: readonly ColumnId[]
  readonly selected: boolean
  readonly inTabOrder: boolean
  readonly changed: boolean
  /** The span of time of the list. */
  readonly span: Record<string, string>
  readonly peek: (key: string) => void
}

/** One call. A click looks at it beside the list; its link opens the page: with Enter here, with Ctrl in a new tab. */
export const CallRow = memo(function CallRow(props: RowProps) {
  const { call, index, shown, selected, inTabOrder, changed, span, peek } = props
  const look = (event: MouseEvent) => {
    // A click made by Enter has no detail: it follows the link.
    if (event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    peek(call.key)
  }
  return (
    <tr
      aria-rowindex={index + 2}
      aria-current={selected || undefined}
      data-changed={changed || undefined}
      onClick={look}
    >
      {shown.map((id) => (
        <td key={id} className={columnTable[id].numeric ? 'number' : undefined} data-column={id}>
          {id === 'time' ? (
            <Link
              to="/calls/$key"
              params={{ key: call.key }}
              search={span}
              state={fromList}
              className="mono"
              tabIndex={inTabOrder ? 0 : -1}
              preload={false}
              aria-label={`Open the call of ${call.at}, ${verdictTable[call.verdict].label}`}
            >
              <TimeText at={call.at} detail="millisecond" />
            </Link>
          ) : (
            columnTable[id].cell(call)
          )}
        </td>
      ))}
    </tr>
  )
})
