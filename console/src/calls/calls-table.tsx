import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef } from 'react'
import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { formatWhole } from '../number/format-number.ts'
import { ScrollBox } from '../states/scroll-box.tsx'
import type { SortView } from '../view/calls-view.ts'
import { type ColumnId, columnIds } from '../view/column-ids.ts'
import { useWindowWords } from '../view/use-words.ts'
import { CallRow } from './call-row.tsx'
import { columnTable } from './columns.tsx'
import { type Density, rowHeights } from './density.ts'

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })
const helper = createColumnHelper<typeof features, CallAnswer>()
const columns = helper.columns(
  columnIds.map((id) => helper.accessor((call) => columnTable[id].value(call), { id, sortFn: compareValues })),
)

/** Ascending; the table turns it round. */
function compareValues(
  a: { getValue: (id: string) => unknown },
  b: { getValue: (id: string) => unknown },
  id: string,
): number {
  const [one, other] = [a.getValue(id), b.getValue(id)]
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return String(one) < String(other) ? -1 : Number(String(one) > String(other))
}

interface TableProps {
  readonly calls: readonly CallAnswer[]
  readonly total: number | undefined
  readonly shown: readonly ColumnId[]
  readonly sort: SortView | undefined
  readonly sortBy: (sort: SortView | undefined) => void
  readonly density: Density
  readonly peeked: string | undefined
  /** Brings this row into sight and gives it the focus. */
  readonly focused: { readonly key: string } | undefined
  readonly changed: ReadonlySet<string>
  readonly peek: (key: string) => void
  readonly busy: boolean
  readonly needMore: () => void
  /** Tells in which order the rows stand. */
  readonly ordered: (keys: readonly string[]) => void
}

/** A table in the full sense, of which only the rows in sight are in the page. */
export function CallsTable(props: TableProps) {
  const { calls, shown, sort, density, peeked, focused, busy, needMore, ordered } = props
  const span = useWindowWords()
  const box = useRef<HTMLElement>(null)
  const data = useMemo(() => [...calls], [calls])
  const sorting = useMemo(() => (sort === undefined ? [] : [{ id: sort.column, desc: sort.descending }]), [sort])
  const table = useTable({ features, columns, data, getRowId: (call) => call.key, state: { sorting } })
  const { rows } = table.getRowModel()
  const height = rowHeights[density]
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 12,
    getItemKey: (index) => rows[index]?.id ?? index,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => virtual.measure(), [virtual])
  useEffect(() => ordered(rows.map(({ id }) => id)), [rows, ordered])
  useEffect(() => {
    if (last >= rows.length - 30) needMore()
  }, [last, rows.length, needMore])
  useFocus(box.current, virtual, focused === undefined ? -1 : rows.findIndex(({ id }) => id === focused.key), focused)
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <ScrollBox ref={box} className="calls-box" density={density} name="Calls" busy={busy}>
      <table
        className="calls"
        style={{ minWidth: shown.reduce((sum, id) => sum + columnTable[id].width, 0) }}
        aria-rowcount={props.total === undefined ? -1 : props.total + 1}
      >
        <caption className="hidden">
          Calls{props.total === undefined ? '' : `, ${formatWhole(props.total)}`},{' '}
          {sort === undefined ? 'newest first' : `by ${columnTable[sort.column].label}`}
        </caption>
        <colgroup>
          {shown.map((id) => (
            <col key={id} style={{ width: columnTable[id].width }} />
          ))}
        </colgroup>
        <Head {...props} />
        <tbody>
          <Gap height={above} columns={shown.length} />
          {items.map(({ index, key }) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              <CallRow
                key={key}
                call={row.original}
                index={index}
                shown={shown}
                selected={row.id === peeked}
                inTabOrder={peeked === undefined ? index === 0 : row.id === peeked}
                changed={props.changed.has(row.id)}
                span={span}
                peek={props.peek}
              />
            )
          })}
          <Gap height={below} columns={shown.length} />
        </tbody>
      </table>
    </ScrollBox>
  )
}

/** The rows that are not in the page keep their room. */
function Gap({ height, columns: count }: { readonly height: number; readonly columns: number }) {
  if (height <= 0) return null
  return (
    <tr>
      <td colSpan={count} style={{ height, padding: 0, border: 0 }} />
    </tr>
  )
}

function Head({ shown, sort, sortBy }: TableProps) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {shown.map((id) => (
          <HeadCell key={id} id={id} sort={sort} sortBy={sortBy} />
        ))}
      </tr>
    </thead>
  )
}

const arrows = { ascending: ' ↑', descending: ' ↓' } as const

interface HeadCellProps extends Pick<TableProps, 'sort' | 'sortBy'> {
  readonly id: ColumnId
}

function HeadCell({ id, sort, sortBy }: HeadCellProps) {
  const { label, unit, numeric } = columnTable[id]
  const own = sort?.column === id ? sort : undefined
  const order = orderOf(id, sort)
  return (
    <th scope="col" className={numeric ? 'number' : undefined} aria-sort={order}>
      <button type="button" onClick={() => sortBy(nextSort(id, own))} title={`Order by ${label}`}>
        {label}
        {unit === undefined ? '' : ` (${unit})`}
        <span aria-hidden="true">{order === undefined ? '' : arrows[order]}</span>
      </button>
    </th>
  )
}

function orderOf(id: ColumnId, sort: SortView | undefined): keyof typeof arrows | undefined {
  const shown = sort ?? newestFirst
  if (shown.column !== id) return undefined
  return shown.descending ? 'descending' : 'ascending'
}

const newestFirst: SortView = { column: 'time', descending: true }

/** First descending, then ascending, then as it came; the newest first is how it comes. */
function nextSort(column: ColumnId, own: SortView | undefined): SortView | undefined {
  if (own === undefined) return { column, descending: column !== 'time' }
  if (column === 'time') return undefined
  return own.descending ? { column, descending: false } : undefined
}

/** Only a new wish moves the focus, not a row that changes its place under it. */
function useFocus(
  box: HTMLElement | null,
  virtual: { scrollToIndex: (index: number) => void },
  index: number,
  focused: object | undefined,
) {
  const heard = useRef<object>(undefined)
  useEffect(() => {
    if (focused === heard.current) return
    heard.current = focused
    if (index < 0) return
    virtual.scrollToIndex(index)
    requestAnimationFrame(() =>
      box?.querySelector<HTMLElement>(`tr[aria-rowindex="${index + 2}"] a`)?.focus({ preventScroll: true }),
    )
  }, [box, virtual, index, focused])
}
