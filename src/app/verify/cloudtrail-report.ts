import { z } from 'zod'
import {
  digestFindingCodes,
  digestFindings,
  digestNoteCodes,
  digestNotes,
} from '../../capture/access/digests/finding.ts'
import type { RegionResult } from '../../capture/access/digests/region-result.ts'

// What `triptych verify cloudtrail --json` says. docs/operate/cloudtrail-digests.schema.json is made from it; a test compares.

const findingCodes = z.enum(digestFindingCodes)
const noteCodes = z.enum(digestNoteCodes)
const moment = z.iso.datetime()
const count = z.int().min(0)

const hourSchema = z.strictObject({
  hour: moment.describe('its begin'),
  state: z.enum(['valid', 'findings', 'no_digest']),
  digests: count,
  logs: count,
  findings: count,
})

const regionSchema = z.strictObject({
  account: z.string(),
  region: z.string(),
  path: z.string().describe('the path of the account'),
  trails: z.array(z.string()),
  digests: count,
  digestsSigned: count.describe('of digests and backfill digests'),
  backfill: count,
  logs: count.describe('log files that signed digests name'),
  logsValid: count,
  settledUntil: moment.nullable().describe('give it as --since to go on from here'),
  hours: z.array(hourSchema),
  notes: z.array(z.strictObject({ code: noteCodes, says: z.string(), file: z.string(), count })),
})

const findingSchema = z.strictObject({
  code: findingCodes,
  says: z.string(),
  fix: z.string(),
  account: z.string(),
  region: z.string(),
  hour: moment.nullable().describe('begin of the hour it counts in'),
  file: z.string(),
  detail: z.string(),
})

/** The report as JSON. */
export const cloudTrailReportSchema = z.strictObject({
  ok: z.boolean(),
  source: z.string(),
  keys: z.enum(['archived', 'listed']),
  since: moment.nullable(),
  until: moment,
  regions: z.array(regionSchema),
  findings: z.array(findingSchema),
  notProven: z.array(z.string()),
})
/** The report as JSON. */
export type CloudTrailReport = z.infer<typeof cloudTrailReportSchema>

/** What was verified, and how. Times in ms. */
export interface VerifiedTree {
  readonly source: string
  readonly keys: 'archived' | 'listed'
  readonly original: string | undefined
  readonly since: number | undefined
  readonly until: number
  readonly results: readonly RegionResult[]
}

/** The report of a verified tree. */
export function reportOf(tree: VerifiedTree): CloudTrailReport {
  const findings = tree.results.flatMap((result) => result.findings)
  return {
    ok: findings.length === 0,
    source: tree.source,
    keys: tree.keys,
    since: tree.since === undefined ? null : iso(tree.since),
    until: iso(tree.until),
    regions: tree.results.map(regionOf),
    findings: findings.map(({ hour, ...rest }) => ({
      ...rest,
      ...digestFindings[rest.code],
      hour: hour === undefined ? null : iso(hour),
    })),
    notProven: notProven(tree),
  }
}

function regionOf({
  base,
  counts,
  hours,
  notes,
  settledUntil,
  ...rest
}: RegionResult): CloudTrailReport['regions'][number] {
  return {
    account: rest.account,
    region: rest.region,
    path: base,
    trails: [...rest.trails],
    ...counts,
    settledUntil: settledUntil === undefined ? null : iso(settledUntil),
    hours: hours.map(({ hour, ...one }) => ({ hour: iso(hour), ...one })),
    notes: notes.map((note) => ({ ...note, says: digestNotes[note.code] })),
  }
}

function notProven({ source, keys, original, until }: VerifiedTree): string[] {
  return [
    keys === 'archived'
      ? 'that the keys are CloudTrail’s: the given file was believed; ListPublicKeys, asked by somebody else, confirms it'
      : 'that the keys are CloudTrail’s beyond what its API says over TLS today: keep them, they are not listed for ever',
    ...(source.startsWith('s3://') || original !== undefined
      ? []
      : [
          'the bucket and prefix: a directory has none, so only what follows the account in the paths was compared (--original)',
        ]),
    `anything after ${iso(until)}, and digests that were still due then`,
    'what happened before delivery: a trail that was off, or that does not select an event, wrote nothing that could be digested',
    'that no whole account, region or trail is missing whose logs and digests are both gone: `--region` names the ones you expect',
  ]
}

/** A moment (ms) in seconds, UTC. */
export function iso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
