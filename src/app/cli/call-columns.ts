import type { CallAnswer } from '../api/schema/call.ts'
import { number, type Screen, time, verdictMark, witnessGlyph } from './print.ts'

/** One column of a list of calls. */
export interface CallColumn {
  readonly head: string
  readonly right: boolean
  /** Characters, where rows come one by one and cannot be measured together. */
  readonly width: number
  /** Left out on screens narrower than this; --json has everything. */
  readonly fromWidth: number
  cell(call: CallAnswer, screen: Screen): string
}

const all: readonly CallColumn[] = [
  { head: 'time (UTC)', right: false, width: 20, fromWidth: 0, cell: (call) => time(call.at) },
  { head: 'seen', right: false, width: 4, fromWidth: 0, cell: (call) => witnessGlyph(call.seen) },
  { head: 'verdict', right: false, width: 20, fromWidth: 0, cell: (call, screen) => verdictMark(screen, call.verdict) },
  { head: 'person', right: false, width: 12, fromWidth: 105, cell: nameOf },
  { head: 'team', right: false, width: 9, fromWidth: 150, cell: (call) => call.team || '–' },
  { head: 'model', right: false, width: 10, fromWidth: 120, cell: (call) => shortModel(call.model) },
  {
    head: 'operation',
    right: false,
    width: 14,
    fromWidth: 165,
    cell: (call) => call.operation.replace('InvokeModelWithResponseStream', 'Invoke…Stream') || '–',
  },
  { head: 'gateway', right: false, width: 18, fromWidth: 190, cell: (call) => call.gateway || '–' },
  { head: 'in', right: true, width: 7, fromWidth: 150, cell: (call) => tokens(call.tokens.input) },
  { head: 'out', right: true, width: 5, fromWidth: 150, cell: (call) => tokens(call.tokens.output) },
  { head: 'result', right: false, width: 12, fromWidth: 135, cell: (call) => call.result },
  { head: 'call', right: false, width: 38, fromWidth: 0, cell: (call) => call.callId || call.awsRequestId || call.key },
]

/** The columns that a screen has room for. */
export function callColumns(screen: Screen): readonly CallColumn[] {
  return all.filter((column) => screen.width >= column.fromWidth)
}

/** A person by the beginning of their alias; who came without a gateway by the end of the ARN. */
function nameOf(call: CallAnswer): string {
  if (call.seen.gateway) return call.alias === '' ? '(nobody)' : cutTo(call.alias, 10)
  const tail = call.principalArn.split(':').at(-1) ?? call.alias
  return cutTo(tail.replace(/^assumed-role\//, ''), 12)
}

function cutTo(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

/** `anthropic.claude-sonnet-4-5-20250929-v1:0` → `sonnet-4-5`. */
function shortModel(model: string): string {
  return model.replace(/^anthropic\.claude-/, '').replace(/(-\d{8})?-v\d+(:\d+)?$/, '')
}

function tokens(count: number | null): string {
  return count === null ? '–' : number(count)
}
