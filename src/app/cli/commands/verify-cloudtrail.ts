import { type Command, Option } from 'commander'
import type { AwsPlace } from '../../../platform/aws/clients.ts'
import type { Clock } from '../../../platform/clock.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { parseMoment } from '../../api/parse-query.ts'
import { duration } from '../../config-schema.ts'
import { type CloudTrailReport, reportOf } from '../../verify/cloudtrail-report.ts'
import { verifyCloudTrail } from '../../verify/verify-cloudtrail.ts'
import { columns, number, paint, type Screen, time } from '../print.ts'
import { showProgress } from '../progress.ts'

/** The options of `triptych verify cloudtrail` as they were given. */
export interface DigestsGiven {
  readonly keys?: string
  readonly original?: string
  readonly since?: string
  readonly until?: string
  readonly tolerance: string
  readonly region?: readonly string[]
  readonly json?: boolean
}

const findingsShown = 100

/** Declares them. */
export function takesDigestOptions(command: Command): Command {
  return command
    .option(
      '--keys <file>',
      'archived answers of ListPublicKeys: a file, or a directory of REGION.json (default: ask CloudTrail)',
    )
    .option('--original <url>', 's3://bucket/prefix that the path is a copy of')
    .option('--since <when>', 'from there on: 24h, 30d, a day or an ISO 8601 time (default: all there is)')
    .option('--until <when>', 'the same forms; digests are expected up to then (default: now)')
    .addOption(new Option('--tolerance <duration>', 'how long after its window a digest may come').default('1h'))
    .option('--region <region...>', 'only these; one without digests is a finding')
    .option('--json', 'JSON')
}

/** `triptych verify cloudtrail`: exit 1 when there is any finding. */
export async function verifyCloudTrailCommand(
  path: string,
  given: DigestsGiven,
  aws: AwsPlace,
  screen: Screen,
  clock: Clock,
): Promise<number> {
  const now = clock.now()
  const progress = showProgress()
  const tree = {
    path,
    keys: given.keys,
    original: originalOf(given.original),
    since: given.since === undefined ? undefined : momentOf('since', given.since, now),
    until: given.until === undefined ? now : momentOf('until', given.until, now),
    toleranceMs: toleranceOf(given.tolerance),
    regions: given.region,
    onProgress: (done: { readonly digests: number; readonly logs: number }) =>
      progress.show(() => `${number(done.digests)} digests, ${number(done.logs)} log files`),
  }
  if (tree.since !== undefined && tree.since >= tree.until)
    throw new TriptychError('QUERY_INVALID', { field: 'since', reason: 'must be before until' })
  const report = reportOf(await verifyCloudTrail(tree, aws, clock).finally(progress.end))
  screen.write(given.json === true ? `${JSON.stringify(report)}\n` : describe(report, screen))
  return report.ok ? 0 : 1
}

function momentOf(field: string, text: string, now: number): number {
  const at = parseMoment(text, now)
  if (at !== undefined) return at
  throw new TriptychError('QUERY_INVALID', { field, reason: '15m, 24h, 2d, a day or an ISO 8601 time with its zone' })
}

function toleranceOf(text: string): number {
  const parsed = duration.safeParse(text)
  if (parsed.success) return parsed.data
  throw new TriptychError('QUERY_INVALID', { field: 'tolerance', reason: 'a number with a unit: 20s, 5m, 1h' })
}

function originalOf(url: string | undefined): string | undefined {
  if (url === undefined || /^s3:\/\/[a-z0-9.-]{3,63}(\/.*)?$/.test(url)) return url
  throw new TriptychError('QUERY_INVALID', { field: 'original', reason: 's3://bucket/prefix' })
}

function describe(report: CloudTrailReport, screen: Screen): string {
  const lines = [
    `source        ${report.source}`,
    `keys          ${report.keys === 'archived' ? 'archived, as given' : 'as CloudTrail lists them now'}`,
    `digests due   until ${time(report.until)}`,
    '',
    table(report),
    '',
    ...report.findings.slice(0, findingsShown).flatMap((finding) => sentenceOf(finding, screen)),
  ]
  if (report.findings.length > findingsShown)
    lines.push(`and ${number(report.findings.length - findingsShown)} more findings (--json lists all)`, '')
  lines.push(conclusion(report, screen), ...noteLines(report))
  return `${[...lines, '', 'not proven by this', ...report.notProven.map((one) => `  · ${one}`)].join('\n')}\n`
}

function table(report: CloudTrailReport): string {
  const rows = report.regions.map((region) => {
    const hoursIn = (state: string) => number(region.hours.filter((hour) => hour.state === state).length)
    const states = ['valid', 'findings', 'no_digest'].map(hoursIn)
    const digests = `${number(region.digestsSigned)}/${number(region.digests + region.backfill)}`
    const logs = `${number(region.logsValid)}/${number(region.logs)}`
    return [region.account || '–', region.region, number(region.hours.length), ...states, digests, logs]
  })
  const head = ['account', 'region', 'hours', 'valid', 'findings', 'no digest', 'digests signed', 'log files valid']
  return columns(head, rows, [2, 3, 4, 5, 6, 7])
}

function sentenceOf(finding: CloudTrailReport['findings'][number], screen: Screen): readonly string[] {
  const where = [finding.account, finding.region, finding.hour === null ? '' : time(finding.hour)].filter(
    (part) => part !== '',
  )
  const says = `${finding.says.charAt(0).toUpperCase()}${finding.says.slice(1)}`
  return [
    `${paint(screen, 'red', `✗ ${finding.code}`)}  ${where.join(' ')}`,
    `  ${says}: ${finding.file}${finding.detail === '' ? '' : ` (${finding.detail})`}.`,
    `  What to do: ${finding.fix}.`,
    '',
  ]
}

function conclusion({ findings, regions }: CloudTrailReport, screen: Screen): string {
  if (findings.length > 0)
    return `${paint(screen, 'red', '✗')} ${number(findings.length)} finding${findings.length === 1 ? '' : 's'}`
  const digests = regions.reduce((sum, region) => sum + region.digestsSigned, 0)
  const logs = regions.reduce((sum, region) => sum + region.logsValid, 0)
  return `${paint(screen, 'green', '✓')} ${number(digests)} digests are signed and linked, and ${number(logs)} log files are as they were delivered`
}

function noteLines({ regions }: CloudTrailReport): readonly string[] {
  return regions.flatMap(({ account, region, notes }) =>
    notes.map(
      ({ says, file, count }) =>
        `  · ${account} ${region}: ${says}: ${file}${count === 1 ? '' : ` and ${number(count - 1)} more`}`,
    ),
  )
}
