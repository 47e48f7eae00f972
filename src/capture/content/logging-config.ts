import {
  type BedrockClient,
  DeleteModelInvocationLoggingConfigurationCommand,
  GetModelInvocationLoggingConfigurationCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock'

/** Where invocation logging goes in one region, as Bedrock says it (API reference, LoggingConfig). */
export interface LoggingConfig {
  readonly text: boolean
  readonly bucket: string
  readonly prefix: string
  readonly logGroup: string
  /** A bucket takes what is too large for CloudWatch (100 KB); without one such a body is lost. */
  readonly largeBodies: boolean
}

/** Where it is to go: a bucket, for CloudWatch alone loses every body that a coding agent sends. */
export interface LoggingWish {
  readonly bucket: string
  readonly prefix: string
  readonly cloudWatch: { readonly logGroup: string; readonly roleArn: string } | undefined
}

type Client = Pick<BedrockClient, 'send'>

/** What is configured; undefined where logging is off. */
export async function readLogging(client: Client): Promise<LoggingConfig | undefined> {
  const { loggingConfig } = await client.send(new GetModelInvocationLoggingConfigurationCommand({}))
  if (loggingConfig === undefined) return undefined
  const { s3Config, cloudWatchConfig, textDataDeliveryEnabled } = loggingConfig
  return {
    text: textDataDeliveryEnabled !== false,
    bucket: s3Config?.bucketName ?? '',
    prefix: s3Config?.keyPrefix ?? '',
    logGroup: cloudWatchConfig?.logGroupName ?? '',
    largeBodies: s3Config !== undefined || cloudWatchConfig?.largeDataDeliveryS3Config !== undefined,
  }
}

/** Switches logging on, all modalities: a picture in a prompt is content too. */
export async function putLogging(client: Client, { bucket, prefix, cloudWatch }: LoggingWish): Promise<void> {
  const place = { bucketName: bucket, ...(prefix === '' ? {} : { keyPrefix: prefix }) }
  const group =
    cloudWatch === undefined
      ? {}
      : {
          cloudWatchConfig: {
            logGroupName: cloudWatch.logGroup,
            roleArn: cloudWatch.roleArn,
            largeDataDeliveryS3Config: place,
          },
        }
  await client.send(
    new PutModelInvocationLoggingConfigurationCommand({
      loggingConfig: {
        s3Config: place,
        ...group,
        textDataDeliveryEnabled: true,
        imageDataDeliveryEnabled: true,
        embeddingDataDeliveryEnabled: true,
        videoDataDeliveryEnabled: true,
      },
    }),
  )
}

/** Switches logging off. */
export async function deleteLogging(client: Client): Promise<void> {
  await client.send(new DeleteModelInvocationLoggingConfigurationCommand({}))
}
