import { BedrockClient } from '@aws-sdk/client-bedrock'
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { Clock } from '../clock.ts'

/** Where AWS is, as configured; a service without an entry is at AWS's own address for the region. */
export interface AwsPlace {
  readonly region: string
  readonly endpoints: Readonly<Partial<Record<AwsService, string | undefined>>>
}

/** The services that Triptych calls. */
export type AwsService = 'bedrockRuntime' | 'bedrock' | 's3' | 'sts' | 'cloudTrail' | 'logs' | 'kms' | 'sqs'

/** A role of an account whose logs are read. */
export interface AssumedRole {
  readonly arn: string
  /** What its trust policy asks for, where it does (AWS IAM user guide, confused deputy). */
  readonly externalId: string | undefined
}

/** Clients with the SDK's default credential chain. A held clock holds their signatures too. */
export interface AwsClients {
  sts(): STSClient
  s3(): S3Client
  cloudTrail(region: string): CloudTrailClient
  bedrock(region: string): BedrockClient
  kms(): KMSClient
  sqs(region: string): SQSClient
  logs(region: string): CloudWatchLogsClient
  /** The same services under a role of another account. */
  assuming(role: AssumedRole): AwsClients
  close(): void
}

/** Less than this between two readings of one clock is no holding of it. */
const heldFromMs = 1_000

/** Makes clients at first use and keeps one per service and region. */
export function createAwsClients(place: AwsPlace, clock: Clock, credentials?: Credentials): AwsClients {
  const kept = new Map<string, { destroy(): void; config: { systemClockOffset: number } }>()
  const held = new Set<string>()
  const others = new Map<string, AwsClients>()
  const keep = <T extends { destroy(): void; config: { systemClockOffset: number } }>(
    name: string,
    make: () => T,
    is: (value: unknown) => value is T,
  ): T => {
    const found = kept.get(name)
    const client = is(found) ? found : make()
    kept.set(name, client)
    // Only a held clock is imposed, and taken back with it: on a machine whose clock is wrong the SDK finds AWS's time by itself.
    const offset = clock.now() - Date.now()
    if (Math.abs(offset) > heldFromMs) {
      client.config.systemClockOffset = offset
      held.add(name)
    } else if (held.delete(name)) client.config.systemClockOffset = 0
    return client
  }
  const options = (service: AwsService, region: string) => {
    const endpoint = place.endpoints[service]
    const requestHandler = { connectionTimeout: 3_000, requestTimeout: 30_000 }
    const own = { region, requestHandler, ...(credentials === undefined ? {} : { credentials }) }
    return endpoint === undefined ? own : { ...own, endpoint }
  }
  const clients: AwsClients = {
    sts: () =>
      keep(
        'sts',
        () => new STSClient(options('sts', place.region)),
        (value) => value instanceof STSClient,
      ),
    s3: () =>
      keep(
        's3',
        () => new S3Client({ ...options('s3', place.region), forcePathStyle: place.endpoints.s3 !== undefined }),
        (value) => value instanceof S3Client,
      ),
    cloudTrail: (region) =>
      keep(
        `cloudTrail ${region}`,
        () => new CloudTrailClient(options('cloudTrail', region)),
        (value) => value instanceof CloudTrailClient,
      ),
    bedrock: (region) =>
      keep(
        `bedrock ${region}`,
        () => new BedrockClient(options('bedrock', region)),
        (value) => value instanceof BedrockClient,
      ),
    kms: () =>
      keep(
        'kms',
        () => new KMSClient(options('kms', place.region)),
        (value) => value instanceof KMSClient,
      ),
    sqs: (region) =>
      keep(
        `sqs ${region}`,
        () => new SQSClient(options('sqs', region)),
        (value) => value instanceof SQSClient,
      ),
    logs: (region) =>
      keep(
        `logs ${region}`,
        () => new CloudWatchLogsClient(options('logs', region)),
        (value) => value instanceof CloudWatchLogsClient,
      ),
    assuming(role) {
      const name = `${role.arn} ${role.externalId ?? ''}`
      const other = others.get(name) ?? createAwsClients(place, clock, () => assume(clients.sts(), role))
      others.set(name, other)
      return other
    },
    close() {
      for (const client of kept.values()) client.destroy()
      for (const other of others.values()) other.close()
    },
  }
  return clients
}

type Credentials = () => Promise<{
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  expiration?: Date
}>

/** The SDK asks again shortly before these end. */
async function assume(sts: STSClient, { arn, externalId }: AssumedRole): ReturnType<Credentials> {
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: arn,
      RoleSessionName: 'triptych-collector',
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    }),
  )
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '', Expiration } = given ?? {}
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    ...(Expiration === undefined ? {} : { expiration: Expiration }),
  }
}
