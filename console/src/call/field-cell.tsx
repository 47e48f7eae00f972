import type { Cell, FieldRow, PanelName } from '../../../src/app/api/schema/call-detail.ts'
import { formatCount } from '../number/format-number.ts'
import { formatDuration } from '../time/format-time.ts'
import { TimeText } from '../time/zone.tsx'
import { differingPart } from './differing-part.ts'
import { type MaskedSetting, MaskedWords } from './masked-words.tsx'
import { silentWords } from './silent-words.ts'

/** Ids, ARNs and aliases stand in letters of one width. */
const idLike = /^(arn:|gw\d|A[SK]IA|[0-9a-f]{8}-[0-9a-f]{4}-|[a-z][0-9a-z]{20}$)/
const moment = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/

interface CellProps {
  readonly row: FieldRow
  readonly panel: PanelName
  readonly masked: MaskedSetting
}

/** What one witness says of one field: a sign and words, never an empty cell. */
export function FieldCell({ row, panel, masked }: CellProps) {
  const cell = row.cells[panel]
  const what = row.group === 'content' ? 'content' : 'identity'
  const shown = cell.state === 'masked' && masked[what] !== undefined
  const sign = shown ? '↑' : signs[cell.state]
  return (
    <span className="cell" data-cell={cell.state}>
      {sign === undefined ? null : (
        <span className="cell-sign" aria-hidden="true">
          {sign}
        </span>
      )}
      <span>
        <Words cell={cell} row={row} panel={panel} masked={masked} />
        {cell.tag === undefined ? null : <span className="cell-tag">{cell.tag}</span>}
      </span>
    </span>
  )
}

const signs: Readonly<Record<Cell['state'], string | undefined>> = {
  value: undefined,
  differs: '≠',
  not_part: '–',
  empty: '∅',
  absent: '✕',
  awaited: '…',
  blind: '?',
  masked: '▒',
  none: '·',
}

function Words({ cell, row, panel, masked }: CellProps & { readonly cell: Cell }) {
  switch (cell.state) {
    case 'value':
      return <Value text={cell.text ?? ''} unit={row.unit} />
    case 'differs':
      return (
        <>
          <Differing text={cell.text ?? ''} other={otherText(row, panel)} unit={row.unit} />
          <span className="hidden"> differs</span>
        </>
      )
    case 'awaited':
      return cell.until === undefined ? (
        'not due yet'
      ) : (
        <>
          due by <TimeText at={cell.until} />
        </>
      )
    case 'masked':
      return <MaskedWords what={row.group === 'content' ? 'content' : 'identity'} setting={masked} />
    default:
      return silentWords(cell.state, cell.why)
  }
}

function Value({ text, unit }: { readonly text: string; readonly unit: string | undefined }) {
  if (moment.test(text)) return <TimeText at={text} detail="millisecond" />
  if (unit === 'ms') return <span title={`${text} ms`}>{formatDuration(Number(text))}</span>
  if (unit !== undefined && Number.isFinite(Number(text))) return <span title={text}>{formatCount(Number(text))}</span>
  return <span className={idLike.test(text) ? 'cell-text mono' : 'cell-text'}>{text}</span>
}

/** Another witness that says otherwise. */
function otherText(row: FieldRow, panel: PanelName): string {
  const others = Object.entries(row.cells).filter(([name, cell]) => name !== panel && cell.text !== undefined)
  return others.find(([, cell]) => cell.text !== row.cells[panel].text)?.[1].text ?? ''
}

function Differing({
  text,
  other,
  unit,
}: {
  readonly text: string
  readonly other: string
  readonly unit: string | undefined
}) {
  if (moment.test(text) || unit !== undefined)
    return (
      <mark>
        <Value text={text} unit={unit} />
      </mark>
    )
  const [before, differs, after] = differingPart(text, other)
  return (
    <span className="cell-text">
      {before}
      <mark>{differs}</mark>
      {after}
    </span>
  )
}
