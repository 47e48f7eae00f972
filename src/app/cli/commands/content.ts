import { type ContentLoggingAnswer, contentLoggingSchema } from '../../api/schema/content-logging.ts'
import type { HubClient } from '../hub-client.ts'
import { columns, paint, type Screen } from '../print.ts'

/** Options of `triptych content enable` and `disable`. */
export interface SwitchOptions {
  readonly region: string
  readonly decision: string
  readonly reason: string
  readonly by: string
  readonly until?: string
  readonly bucket?: string
  readonly prefix?: string
  readonly logGroup?: string
  readonly role?: string
  readonly json?: boolean
}

/** `triptych content status`: exit 1 where account and policy part. */
export async function contentStatusCommand(client: HubClient, json: boolean, screen: Screen): Promise<number> {
  return show(contentLoggingSchema.parse(await client.get('/content/logging')), json, screen)
}

/** `triptych content enable` and `disable`: by a decision, which is recorded before anything is changed. */
export async function contentSwitchCommand(
  client: HubClient,
  to: 'enable' | 'disable',
  options: SwitchOptions,
  screen: Screen,
): Promise<number> {
  const { region, decision, reason, by, until = '', bucket, prefix = '', logGroup, role } = options
  const place =
    to === 'enable'
      ? { bucket, prefix, ...(logGroup === undefined ? {} : { cloudWatch: { logGroup, roleArn: role } }) }
      : {}
  for await (const answer of client.post(`/content/logging/${to}`, { region, decision, reason, by, until, ...place }))
    return show(contentLoggingSchema.parse(answer), options.json === true, screen)
  return 0
}

function show(answer: ContentLoggingAnswer, json: boolean, screen: Screen): number {
  if (json) screen.write(`${JSON.stringify(answer)}\n`)
  else screen.write(inWords(answer, screen))
  return answer.regions.some(({ wrong }) => wrong.length > 0) ? 1 : 0
}

function inWords({ regions, simulated }: ContentLoggingAnswer, screen: Screen): string {
  const rows = regions.map((one) => [
    one.account || '(unknown)',
    one.region,
    one.decision === '' ? `${one.policy} (default)` : `${one.policy} (${one.decision})`,
    one.state,
    [one.bucket === '' ? '' : `s3://${one.bucket}/${one.prefix}`, one.logGroup]
      .filter((text) => text !== '')
      .join(', ') || '–',
    one.wrong.length === 0 ? paint(screen, 'green', '✓') : paint(screen, 'red', '! see below'),
  ])
  const faults = regions.flatMap(({ region, wrong }) => wrong.map((text) => `! ${region}: ${text}\n`))
  const table = columns(['account', 'region', 'policy', 'logging', 'goes to', 'agrees'], rows)
  return `${table}\n${faults.length === 0 ? '' : `\n${faults.join('')}`}${simulated ? paint(screen, 'yellow', '\nsimulated account\n') : ''}`
}
