import type { ReactNode } from 'react'
import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { formatCount, shortId } from '../number/format-number.ts'
import { formatDuration } from '../time/format-time.ts'
import { VerdictBadge } from '../verdict/verdict-badge.tsx'
import { verdictNames } from '../verdict/verdict-table.ts'
import { WitnessGlyph } from '../verdict/witness-glyph.tsx'
import type { ColumnId } from '../view/column-ids.ts'

/** One column: its head, its width in pixels, what it is put in order by, and how it looks. */
export interface ColumnRow {
  readonly label: string
  readonly unit?: string
  readonly width: number
  readonly numeric?: boolean
  readonly value: (call: CallAnswer) => string | number
  readonly cell: (call: CallAnswer) => ReactNode
}

const unsaid = <span className="secondary">not said</span>
const unknown = <span className="secondary">unknown</span>
const text = (value: string) => (value === '' ? unsaid : <span title={value}>{value}</span>)
const id = (value: string) =>
  value === '' ? (
    unsaid
  ) : (
    <span className="mono" title={value}>
      {shortId(value)}
    </span>
  )
const count = (value: number | null) =>
  value === null ? unknown : <span title={String(value)}>{formatCount(value)}</span>
const known = (value: number | null) => value ?? -1

/** Who made a call: the alias, else the end of what AWS names. */
export function whoOf({ alias, principalArn }: Pick<CallAnswer, 'alias' | 'principalArn'>): string {
  return alias === '' ? (principalArn.split(':').at(-1) ?? '') : alias
}

/** `anthropic.claude-sonnet-4-5-20250929-v1:0` → `claude-sonnet-4-5`; the whole id is in the title. */
export function shortModel(model: string): string {
  return model.replace(/^.*?anthropic\./, '').replace(/-\d{8}.*$|-v\d+(:\d+)?$/, '')
}

/** Every column. The first one, the time, is drawn by the table itself: it is the link of the row. */
export const columnTable: Readonly<Record<ColumnId, ColumnRow>> = {
  time: { label: 'Time', width: 204, value: ({ at }) => at, cell: ({ at }) => at },
  verdict: {
    label: 'Verdict',
    width: 172,
    value: ({ verdict }) => verdictNames.indexOf(verdict),
    cell: ({ verdict }) => <VerdictBadge verdict={verdict} />,
  },
  witnesses: {
    label: 'Witnesses',
    width: 78,
    value: ({ seen }) => Number(seen.access) * 4 + Number(seen.gateway) * 2 + Number(seen.content),
    cell: (call) => <WitnessGlyph call={call} />,
  },
  who: { label: 'Who', width: 114, value: whoOf, cell: (call) => id(whoOf(call)) },
  team: { label: 'Team', width: 82, value: ({ team }) => team, cell: ({ team }) => text(team) },
  project: { label: 'Project', width: 124, value: ({ project }) => project, cell: ({ project }) => text(project) },
  model: {
    label: 'Model',
    width: 146,
    value: ({ model }) => model,
    cell: ({ model }) => (model === '' ? unsaid : <span title={model}>{shortModel(model)}</span>),
  },
  operation: {
    label: 'Operation',
    width: 230,
    value: ({ operation }) => operation,
    cell: ({ operation }) => text(operation),
  },
  tokens_in: {
    label: 'Input',
    unit: 'tokens',
    width: 100,
    numeric: true,
    value: ({ tokens }) => known(tokens.input),
    cell: ({ tokens }) => count(tokens.input),
  },
  tokens_out: {
    label: 'Output',
    unit: 'tokens',
    width: 106,
    numeric: true,
    value: ({ tokens }) => known(tokens.output),
    cell: ({ tokens }) => count(tokens.output),
  },
  duration: {
    label: 'Duration',
    width: 96,
    numeric: true,
    value: ({ durationMs }) => known(durationMs),
    cell: ({ durationMs }) => (durationMs === null ? unknown : formatDuration(durationMs)),
  },
  result: { label: 'Result', width: 110, value: ({ result }) => result, cell: ({ result }) => text(result) },
  account: { label: 'Account', width: 120, value: ({ account }) => account, cell: ({ account }) => text(account) },
  region: { label: 'Region', width: 110, value: ({ region }) => region, cell: ({ region }) => text(region) },
  call_id: { label: 'Call id', width: 120, value: ({ callId }) => callId, cell: ({ callId }) => id(callId) },
  aws_request_id: {
    label: 'AWS request id',
    width: 124,
    value: ({ awsRequestId }) => awsRequestId,
    cell: ({ awsRequestId }) => id(awsRequestId),
  },
}
