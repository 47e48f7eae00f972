import { isForeignGateway } from '../../../record/foreign-call.ts'
import { type CallAnswer, callsSchema } from '../../api/schema/call.ts'
import { type CallDetail, type Cell, callDetailSchema } from '../../api/schema/call-detail.ts'
import { callColumns } from '../call-columns.ts'
import type { HubClient } from '../hub-client.ts'
import { columns, paint, type Screen, time, verdictMark } from '../print.ts'

/** What `triptych calls` may filter by. */
export type CallOptions = Readonly<
  Partial<
    Record<
      'since' | 'until' | 'person' | 'team' | 'project' | 'model' | 'region' | 'session' | 'verdict' | 'limit',
      string
    >
  >
>

/** `triptych calls`: newest first. */
export async function listCommand(
  client: HubClient,
  options: CallOptions,
  json: boolean,
  screen: Screen,
): Promise<void> {
  const query = new URLSearchParams(
    Object.entries(options).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  const answer = callsSchema.parse(await client.get(`/calls?${query}`))
  if (json) {
    screen.write(`${JSON.stringify(answer)}\n`)
    return
  }
  if (answer.calls.length === 0) {
    screen.write(
      `No calls between ${time(answer.since)} and ${time(answer.until)} match. Try an earlier --since (a day, such as \`--since 2026-01-31\`), fewer filters, or take logs in with \`triptych ingest\`.\n`,
    )
    return
  }
  const shown = callColumns(screen)
  const right = shown.flatMap((column, i) => (column.right ? [i] : []))
  const rows = answer.calls.map((call) => shown.map((column) => column.cell(call, screen)))
  screen.write(
    `${columns(
      shown.map((column) => column.head),
      rows,
      right,
    )}\n`,
  )
  const simulated = answer.calls.some((call) => call.simulated) ? paint(screen, 'yellow', ' simulated account.') : ''
  screen.write(
    `\n${answer.next === null ? '' : 'the newest '}${answer.calls.length} calls, newest first${answer.next === null ? '' : '; there are more (--limit, or an earlier --until)'}.${simulated} seen: A CloudTrail, G gateway, C invocation log. One call: triptych call <call>\n`,
  )
}

/** `triptych call <id>`: three panels, what was compared, the verdict and why. */
export async function showCommand(client: HubClient, id: string, json: boolean, screen: Screen): Promise<void> {
  const answer = callDetailSchema.parse(await client.get(`/calls/${encodeURIComponent(id)}`))
  screen.write(json ? `${JSON.stringify(answer)}\n` : describe(answer, screen))
}

function describe(detail: CallDetail, screen: Screen): string {
  const { call, panels } = detail
  const lines = [
    `${paint(screen, 'bold', 'call')}          ${call.callId || '(no call id of ours)'}${call.simulated ? paint(screen, 'yellow', '   simulated') : ''}`,
    `AWS request   ${call.awsRequestId || withoutRequestId(call)}`,
    `started       ${time(call.at)}`,
    `verdict       ${verdictMark(screen, call.verdict)}`,
    `because       ${call.reason}`,
    `findings      ${call.findings.join(', ') || 'none'}`,
    '',
    panelTable(detail),
    '',
    ...comparedLines(call, screen),
    '',
    ...proofLines(detail),
  ]
  if (panels.access.length > 1)
    lines.push(
      '',
      'also under this call in CloudTrail',
      columns(['time (UTC)', 'request id', 'operation', 'person'], panels.access.slice(1).map(alsoSeen)),
    )
  if (panels.changes.length > 0)
    lines.push(
      '',
      'verdict changes',
      ...panels.changes.map((change) => `  ${time(change.at)}  ${change.from} → ${change.to}: ${change.reason}`),
    )
  return `${lines.join('\n')}\n`
}

function withoutRequestId({ verdict, gateway }: CallAnswer): string {
  if (isForeignGateway(gateway)) return `(none: the log of ${gateway} does not name it)`
  return verdict === 'refused' ? '(none: nothing was sent)' : '(none: no answer reached the gateway)'
}

function alsoSeen(panel: Readonly<Record<string, unknown>>): readonly string[] {
  const at = panel['at']
  const text = (name: string) => String(panel[name] ?? '') || '–'
  return [
    typeof at === 'number' ? time(new Date(at).toISOString()) : '–',
    text('requestId'),
    text('operation'),
    text('principalAlias'),
  ]
}

function panelTable(detail: CallDetail): string {
  const { gateway } = detail.call
  const through = isForeignGateway(gateway) ? `gateway (${gateway})` : 'gateway (ours)'
  const head = ['', 'CloudTrail (AWS)', through, 'invocation log (AWS)', '']
  const rows = detail.fields
    .filter(({ cells }) => [cells.access, cells.gateway, cells.content].some(({ state }) => saysSomething.has(state)))
    .map(({ label, cells, compared }) => [
      label,
      cellText(cells.access),
      cellText(cells.gateway),
      cellText(cells.content),
      compared === undefined ? '' : `${compared.agree ? '=' : '≠'} ${compared.strength}`,
    ])
  return columns(head, rows)
}

const saysSomething: ReadonlySet<Cell['state']> = new Set(['value', 'differs', 'masked'])

function cellText(cell: Cell): string {
  switch (cell.state) {
    case 'value':
      return shorter(cell.text ?? '')
    case 'differs':
      return `≠ ${shorter(cell.text ?? '')}`
    case 'not_part':
      return '·'
    case 'empty':
      return '–'
    case 'absent':
      return '✗ due and absent'
    case 'awaited':
      return '… awaited'
    case 'blind':
      return `? could not see: ${cell.why ?? 'triptych coverage says why'}`
    case 'masked':
      return 'kept encrypted'
    case 'none':
      return cell.why ?? 'no record'
  }
}

/** An ARN's last part tells enough on a screen; --json has it whole. */
function shorter(text: string): string {
  const tail = text.startsWith('arn:') ? text.split(':').slice(5).join(':') || text : text
  return tail.replace(/^(inference-profile|assumed-role)\//, '')
}

/** What of the call is an entry of the ledger, and how to get its receipt. */
function proofLines({ call, receipts }: CallDetail): readonly string[] {
  const recordsIn = (state: string) =>
    receipts.flatMap((receipt) => (receipt.state === state ? [receipt.record] : [])).join(', ')
  const entered = recordsIn('entered')
  const waiting = recordsIn('backlog')
  return [
    `proof         ${entered === '' ? 'nothing of it is an entry of the ledger yet' : `${entered}: entries of the ledger; a receipt with \`triptych prove ${call.key}\``}`,
    ...(waiting === '' ? [] : [`              ${waiting}: kept, not an entry yet`]),
  ]
}

function comparedLines(call: CallAnswer, screen: Screen): readonly string[] {
  if (call.compared.length === 0) return ['compared      nothing: fewer than two witnesses']
  return call.compared.map((compared) => {
    const mark = compared.agree ? paint(screen, 'green', '= agree ') : paint(screen, 'red', '≠ differ')
    return `${mark}  ${compared.field.padEnd(10)} ${compared.between.join(' and ').padEnd(20)} ${compared.strength}`
  })
}
