import { styleText } from 'node:util'
import Table from 'cli-table3'
import { isVerdict, verdictTable } from '../../record/verdict.ts'

/** Where a command's output goes, and whether it may be coloured. */
export interface Screen {
  readonly write: (text: string) => void
  readonly colour: boolean
  readonly width: number
}

type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'

/** Colours a text where the terminal takes it. */
export function paint(screen: Screen, style: Style, text: string): string {
  return screen.colour ? styleText(style, text, { validateStream: false }) : text
}

/** A verdict with a mark that does not need colour: `!` look at it, `·` wait or know, `✓` fine. */
export function verdictMark(screen: Screen, verdict: string): string {
  if (!isVerdict(verdict)) return verdict
  if (verdictTable[verdict].grave) return paint(screen, 'red', `! ${verdict}`)
  if (verdict === 'corroborated' || verdict === 'refused' || verdict === 'expected_direct')
    return paint(screen, 'green', `✓ ${verdict}`)
  return paint(screen, 'yellow', `· ${verdict}`)
}

/** Which of the three witnesses saw a call: access, gateway, content. */
export function witnessGlyph(seen: {
  readonly access: boolean
  readonly gateway: boolean
  readonly content: boolean
}): string {
  return `${seen.access ? 'A' : '–'}${seen.gateway ? 'G' : '–'}${seen.content ? 'C' : '–'}`
}

/** Aligned columns without borders. Numbers (columns in `right`) end at one edge. */
export function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  }
  const table = new Table({
    head: [...head],
    chars: none,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: head.map((_, i) => (right.includes(i) ? 'right' : 'left')),
  })
  table.push(...rows.map((row) => [...row]))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** `1,234,567` */
export function number(value: number | null): string {
  return value === null ? 'unknown' : value.toLocaleString('en-US')
}

/** `2026-11-23 14:02:11Z`: always UTC, and it says so. */
export function time(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`
}

/** `1,234.56`, rounded up to the cent. */
export function usd(microUsd: number): string {
  return (Math.ceil(microUsd / 10_000) / 100).toLocaleString('en-US', { minimumFractionDigits: 2 })
}
