import { type CallAnswer, type CallDetail, callDetailSchema, callsSchema } from '../answers.ts'
import { callColumns } from '../call-columns.ts'
import type { HubClient } from '../hub-client.ts'
import { columns, number, paint, type Screen, time, verdictMark } from '../print.ts'

/** What `triptych calls` may filter by. */
export type CallOptions = Readonly<
  Partial<Record<'since' | 'until' | 'person' | 'team' | 'project' | 'model' | 'region' | 'verdict' | 'limit', string>>
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
    `\n${answer.calls.length} calls, newest first.${simulated} seen: A CloudTrail, G gateway, C invocation log. One call: triptych call <call>\n`,
  )
}

/** `triptych call <id>`: three panels, what was compared, the verdict and why. */
export async function showCommand(client: HubClient, id: string, json: boolean, screen: Screen): Promise<void> {
  const answer = callDetailSchema.parse(await client.get(`/calls/${encodeURIComponent(id)}`))
  screen.write(json ? `${JSON.stringify(answer)}\n` : describe(answer, screen))
}

function describe({ call, panels }: CallDetail, screen: Screen): string {
  const access = panels.access[0]
  const content = panels.content[0]
  const lines = [
    `${paint(screen, 'bold', 'call')}          ${call.callId || '(no call id of ours)'}${call.simulated ? paint(screen, 'yellow', '   simulated') : ''}`,
    `AWS request   ${call.awsRequestId || (call.verdict === 'refused' ? '(none: nothing was sent)' : '(none: no answer reached the gateway)')}`,
    `started       ${time(call.at)}`,
    `verdict       ${verdictMark(screen, call.verdict)}`,
    `because       ${call.reason}`,
    `findings      ${call.findings.join(', ') || 'none'}`,
    '',
    panelTable([access, panels.gateway ?? undefined, content]),
    '',
    ...comparedLines(call, screen),
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

function alsoSeen(panel: Readonly<Record<string, unknown>>): readonly string[] {
  return [
    cell(panel, 'at', 'time'),
    cell(panel, 'requestId', ''),
    cell(panel, 'operation', ''),
    cell(panel, 'principalAlias', ''),
  ]
}

/** The same field of each witness on one line. */
const fields: readonly (readonly [string, string, string, string])[] = [
  ['person', 'principalAlias', 'alias', 'principalAlias'],
  ['principal', 'principalArn', '', 'principalArn'],
  ['operation', 'operation', 'operation', 'operation'],
  ['model', 'model', 'model', 'model'],
  ['account', 'account', 'account', 'account'],
  ['region', 'region', 'region', 'region'],
  ['request id', 'requestId', 'awsRequestId', 'requestId'],
  ['call id', 'callId', 'callId', 'callId'],
  ['result', 'errorCode', 'result', 'errorCode'],
  ['time', 'at', 'startedAt', 'at'],
  ['tokens', '', 'tokens', 'tokens'],
]

function panelTable(panels: readonly (Readonly<Record<string, unknown>> | undefined)[]): string {
  const head = ['', 'CloudTrail (AWS)', 'gateway (ours)', 'invocation log (AWS)']
  const rows = fields.map(([label, ...names]) => [
    label,
    ...panels.map((panel, i) => cell(panel, names[i] ?? '', label)),
  ])
  return columns(head, rows)
}

function cell(panel: Readonly<Record<string, unknown>> | undefined, name: string, label: string): string {
  if (panel === undefined) return 'not seen'
  if (name === '') return '·'
  const value = panel[name]
  if (label === 'result' && value === '') return 'success'
  if (label === 'time' && typeof value === 'number') return time(new Date(value).toISOString())
  if (label === 'tokens') return tokensText(value)
  if (label === 'principal' || label === 'model') return tailOfArn(String(value ?? ''))
  return typeof value === 'string' || typeof value === 'number' ? String(value) || '–' : '–'
}

/** An ARN's last part tells enough on a screen; --json has it whole. */
function tailOfArn(text: string): string {
  const tail = text.startsWith('arn:') ? text.split(':').slice(5).join(':') || text : text
  return tail.replace(/^inference-profile\//, '') || '–'
}

function tokensText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '–'
  const parts = Object.entries(value).map(
    ([name, count]) => `${name} ${number(typeof count === 'number' ? count : null)}`,
  )
  return parts.join(', ') || 'unknown'
}

function comparedLines(call: CallAnswer, screen: Screen): readonly string[] {
  if (call.compared.length === 0) return ['compared      nothing: fewer than two witnesses']
  return call.compared.map((compared) => {
    const mark = compared.agree ? paint(screen, 'green', '= agree ') : paint(screen, 'red', '≠ differ')
    return `${mark}  ${compared.field.padEnd(10)} ${compared.between.join(' and ').padEnd(20)} ${compared.strength}`
  })
}
