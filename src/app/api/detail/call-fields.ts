import type { CallRow } from '../../../evidence/store/queries/list-calls.ts'
import type { AccessWitness, ContentWitness, GatewayWitness } from '../../../record/call.ts'
import type { Cell, FieldRow, PanelName } from '../schema/call-detail.ts'
import { type FieldLine, fieldTable, masked } from './field-table.ts'

/** The compared records of one call. */
export interface ComparedWitnesses {
  readonly access: AccessWitness | undefined
  readonly gateway: GatewayWitness | undefined
  readonly content: ContentWitness | undefined
}

/** The triptych: the same fields of three unlike records, and for each cell why it says what it says. */
export function callFields(
  call: CallRow,
  witnesses: ComparedWitnesses,
  dueAt: string | undefined,
): readonly FieldRow[] {
  return fieldTable.map((line) => rowOf(line, call, witnesses, dueAt))
}

function rowOf(line: FieldLine, call: CallRow, witnesses: ComparedWitnesses, dueAt: string | undefined): FieldRow {
  const texts: Readonly<Record<PanelName, Text>> = {
    access: read(line.access, witnesses.access),
    gateway: read(line.gateway, witnesses.gateway),
    content: read(line.content, witnesses.content),
  }
  const held = call.compared.filter((compared) => compared.field === line.compared)
  const differing = new Set(held.filter((compared) => !compared.agree).flatMap((compared) => compared.between))
  // Four kinds of tokens are compared as one field: only those that really differ are marked.
  const said = new Set(Object.values(texts).filter((text) => typeof text === 'string'))
  const cell = (panel: PanelName): Cell => {
    if (witnesses[panel] === undefined) return absentCell(panel, line, call, dueAt)
    const text = texts[panel]
    if (text === notPart) return { state: 'not_part' }
    if (text === masked) return { state: 'masked' }
    if (text === '') return { state: 'empty' }
    return { state: differing.has(panel) && said.size > 1 ? 'differs' : 'value', text }
  }
  const { group, field, label, unit } = line
  return {
    group,
    field,
    label,
    ...(unit === undefined ? {} : { unit }),
    cells: { access: cell('access'), gateway: cell('gateway'), content: cell('content') },
    ...(held.length === 0 ? {} : { compared: summary(held, said.size > 1) }),
  }
}

const notPart = Symbol('not part')
type Text = string | typeof masked | typeof notPart

function read<Witness>(
  reading: ((witness: Witness) => string | number | undefined | typeof masked) | undefined,
  witness: Witness | undefined,
): Text {
  if (reading === undefined || witness === undefined) return notPart
  const value = reading(witness)
  return typeof value === 'symbol' ? value : value === undefined ? '' : String(value)
}

function summary(held: CallRow['compared'], differ: boolean): NonNullable<FieldRow['compared']> {
  return {
    agree: !differ || held.every((compared) => compared.agree),
    strength: held.some((compared) => compared.strength === 'independent') ? 'independent' : 'consistent',
  }
}

/** There is no such record: was one due, is it still to come, or could nobody have seen it? */
function absentCell(panel: PanelName, line: FieldLine, call: CallRow, dueAt: string | undefined): Cell {
  if (line[panel] === undefined) return { state: 'not_part' }
  const has = (kind: string) => call.findings.includes(`${kind}:${panel}`)
  if (has('missing') || (panel === 'gateway' && call.findings.some(accusesGatewaysAbsence))) return { state: 'absent' }
  if (has('awaited') || (panel === 'gateway' && call.findings.includes('journal_behind')))
    return { state: 'awaited', ...(dueAt === undefined ? {} : { until: dueAt }) }
  if (panel === 'gateway' && call.findings.includes('no_gateway'))
    return { state: 'none', why: 'no gateway is configured' }
  const open = panel === 'gateway' ? call.findings.find((finding) => Object.hasOwn(logsOpen, finding)) : undefined
  if (open !== undefined) return { state: 'blind', why: logsOpen[open] ?? '' }
  if (has('blind')) return { state: 'blind', ...blindWhy(call, panel) }
  return { state: 'none' }
}

/** What the log of another product's gateway leaves open. */
const logsOpen: Readonly<Record<string, string>> = {
  gateway_cannot_say: 'records of the gateway’s log name no AWS request id',
  gateway_log_absent: 'no log of the gateway was read for that moment',
}

/** Every call has to come through a gateway: that this one did not is what is said against it. */
function accusesGatewaysAbsence(finding: string): boolean {
  return finding === 'journal_hole' || finding.startsWith('bypass:')
}

/** The reason of a verdict names why a layer could not see, where that decided it; elsewhere the coverage of the hour says it. */
function blindWhy(call: CallRow, panel: PanelName): { readonly why?: string } {
  const opening = `${panel} could not see it: `
  const said = call.reason.split('; ').find((part) => part.startsWith(opening))
  return said === undefined ? {} : { why: said.slice(opening.length) }
}
