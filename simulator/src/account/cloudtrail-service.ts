import { z } from 'zod'
import { AwsError } from './aws-error.ts'
import { accountId, buckets, regions } from './estate.ts'
import { callerOf } from './identity.ts'
import { parseJson } from './lines.ts'
import type { AccountParts, Exchange } from './parts.ts'
import type { Signer } from './sigv4.ts'

const nameSchema = z.looseObject({
  Name: z.string().optional(),
  TrailName: z.string().optional(),
  /** Seconds since the epoch. */
  StartTime: z.number().optional(),
  EndTime: z.number().optional(),
  EnableLogFileValidation: z.boolean().optional(),
})
type Input = z.infer<typeof nameSchema>

/** The trail of a region, by ARN. */
export function trailArn(region: string): string {
  return `arn:aws:cloudtrail:${region}:${accountId}:trail/triptych-sim-trail-${region}`
}

/** CloudTrail's API (awsJson1_1): describe, status, selectors, public keys; stop, start and the switch of validation act for real. */
export function handleCloudTrail(parts: AccountParts, exchange: Exchange, signer: Signer): void {
  const action =
    String(exchange.request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? ''
  const act = actions.get(action)
  if (act === undefined) throw new AwsError(400, 'UnknownOperationException', 'Unknown operation')
  const input = nameSchema.safeParse(parseJson(exchange.request.body.toString('utf8') || '{}'))
  if (!input.success) throw new AwsError(400, 'SerializationException', 'The request is not JSON of its form')
  const name = input.data.Name ?? input.data.TrailName ?? trailArn(signer.region)
  const region = regions.find((known) => name === trailArn(known) || name === `triptych-sim-trail-${known}`)
  const requestId = parts.random.uuid()
  if (region === undefined && !nameless.includes(action)) {
    const errorCode = 'TrailNotFoundException'
    if (action.endsWith('Logging'))
      writeSwitch(parts, exchange, signer, requestId, {
        on: action === 'StartLogging',
        region: signer.region,
        name,
        errorCode,
      })
    throw new AwsError(400, errorCode, `Unknown trail: ${name}`)
  }
  const body = act(parts, exchange, signer, region ?? signer.region, requestId, input.data)
  exchange.response
    .writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId })
    .end(JSON.stringify(body))
}

/** Actions that name no trail. */
const nameless = ['DescribeTrails', 'ListPublicKeys']

type Action = (
  parts: AccountParts,
  exchange: Exchange,
  signer: Signer,
  region: string,
  requestId: string,
  input: Input,
) => unknown

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  [
    'DescribeTrails',
    (parts, _exchange, signer) => ({
      trailList: regions
        .filter((region) => region === signer.region)
        .map((region) => ({
          Name: `triptych-sim-trail-${region}`,
          S3BucketName: buckets.trail,
          HomeRegion: region,
          TrailARN: trailArn(region),
          IsMultiRegionTrail: false,
          IsOrganizationTrail: false,
          LogFileValidationEnabled: parts.digests.isOn(region),
          IncludeGlobalServiceEvents: true,
        })),
    }),
  ],
  [
    'GetTrailStatus',
    (parts, _exchange, _signer, region) => {
      const { started, stopped, delivered } = parts.trail.timesOf(region)
      return {
        IsLogging: parts.trail.isLogging(region),
        ...(delivered === undefined ? {} : { LatestDeliveryTime: Math.floor(delivered / 1000) }),
        ...(started === undefined ? {} : { StartLoggingTime: Math.floor(started / 1000) }),
        ...(stopped === undefined ? {} : { StopLoggingTime: Math.floor(stopped / 1000) }),
      }
    },
  ],
  [
    'GetEventSelectors',
    (_parts, _exchange, _signer, region) => ({
      TrailARN: trailArn(region),
      EventSelectors: [
        { ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
      ],
    }),
  ],
  [
    'ListPublicKeys',
    (parts, _exchange, signer, _region, _requestId, { StartTime, EndTime }) => {
      const now = parts.clock.now() / 1000
      const listed = parts.signingKeys.list(signer.region, (StartTime ?? now) * 1000, (EndTime ?? now) * 1000)
      return {
        PublicKeyList: listed.map(({ der, fingerprint, from, to }) => ({
          Value: der.toString('base64'),
          ValidityStartTime: from / 1000,
          ValidityEndTime: to / 1000,
          Fingerprint: fingerprint,
        })),
      }
    },
  ],
  [
    'UpdateTrail',
    (parts, exchange, signer, region, requestId, { EnableLogFileValidation: wanted }) => {
      const on = wanted ?? parts.digests.isOn(region)
      parts.digests.setValidation(region, on, parts.trail.isLogging(region), parts.clock.now())
      const requestParameters = { name: trailArn(region), enableLogFileValidation: on }
      writeAct(parts, exchange, signer, requestId, { eventName: 'UpdateTrail', region, requestParameters })
      return { TrailARN: trailArn(region), LogFileValidationEnabled: on }
    },
  ],
  [
    'StopLogging',
    (parts, exchange, signer, region, requestId) => switchLogging(parts, exchange, signer, region, requestId, false),
  ],
  [
    'StartLogging',
    (parts, exchange, signer, region, requestId) => switchLogging(parts, exchange, signer, region, requestId, true),
  ],
])

/** Stopping is itself the last event, starting the first. */
function switchLogging(
  parts: AccountParts,
  exchange: Exchange,
  signer: Signer,
  region: string,
  requestId: string,
  on: boolean,
): unknown {
  const at = parts.clock.now()
  if (on) parts.trail.setLogging(region, true, at)
  writeSwitch(parts, exchange, signer, requestId, { on, region, name: trailArn(region) })
  if (!on) parts.trail.setLogging(region, false, at)
  return {}
}

function writeSwitch(
  parts: AccountParts,
  exchange: Exchange,
  signer: Signer,
  requestId: string,
  wanted: { readonly on: boolean; readonly region: string; readonly name: string; readonly errorCode?: string },
): void {
  const { on, region, name, errorCode } = wanted
  const failure = errorCode === undefined ? {} : { errorCode, errorMessage: `Unknown trail: ${name}` }
  const eventName = on ? 'StartLogging' : 'StopLogging'
  writeAct(parts, exchange, signer, requestId, { eventName, region, requestParameters: { name }, ...failure })
}

/** A change of the trail is itself an event of it. */
function writeAct(
  parts: AccountParts,
  exchange: Exchange,
  signer: Signer,
  requestId: string,
  act: {
    readonly eventName: string
    readonly region: string
    readonly requestParameters: object
    readonly errorCode?: string
    readonly errorMessage?: string
  },
): void {
  parts.trail.write({
    at: parts.clock.now(),
    ...act,
    eventSource: 'cloudtrail.amazonaws.com',
    caller: callerOf(parts.state.state, signer.accessKeyId),
    sourceAddress: exchange.sourceAddress,
    userAgent: String(exchange.request.headers['user-agent'] ?? ''),
    host: `cloudtrail.${act.region}.amazonaws.com`,
    requestId,
    readOnly: false,
  })
}
