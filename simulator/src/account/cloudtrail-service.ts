import { z } from 'zod'
import { AwsError } from './aws-error.ts'
import { accountId, buckets, regions } from './estate.ts'
import { callerOf } from './identity.ts'
import { parseJson } from './lines.ts'
import type { AccountParts, Exchange } from './parts.ts'
import type { Signer } from './sigv4.ts'

const nameSchema = z.looseObject({ Name: z.string().optional(), TrailName: z.string().optional() })

/** The trail of a region, by ARN. */
export function trailArn(region: string): string {
  return `arn:aws:cloudtrail:${region}:${accountId}:trail/triptych-sim-trail-${region}`
}

/** CloudTrail's API (awsJson1_1): describe, status, selectors, stop and start, which act for real. */
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
  if (region === undefined && action !== 'DescribeTrails') {
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
  const body = act(parts, exchange, signer, region ?? signer.region, requestId)
  exchange.response
    .writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId })
    .end(JSON.stringify(body))
}

type Action = (parts: AccountParts, exchange: Exchange, signer: Signer, region: string, requestId: string) => unknown

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  [
    'DescribeTrails',
    (_parts, _exchange, signer) => ({
      trailList: regions
        .filter((region) => region === signer.region)
        .map((region) => ({
          Name: `triptych-sim-trail-${region}`,
          S3BucketName: buckets.trail,
          HomeRegion: region,
          TrailARN: trailArn(region),
          IsMultiRegionTrail: false,
          IsOrganizationTrail: false,
          LogFileValidationEnabled: false,
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
  parts.trail.write({
    at: parts.clock.now(),
    region,
    eventSource: 'cloudtrail.amazonaws.com',
    eventName: on ? 'StartLogging' : 'StopLogging',
    caller: callerOf(parts.state.state, signer.accessKeyId),
    sourceAddress: exchange.sourceAddress,
    userAgent: String(exchange.request.headers['user-agent'] ?? ''),
    host: `cloudtrail.${region}.amazonaws.com`,
    requestId,
    requestParameters: { name },
    readOnly: false,
    ...(errorCode === undefined ? {} : { errorCode, errorMessage: `Unknown trail: ${name}` }),
  })
}
