import { type BedrockClient, GetModelInvocationLoggingConfigurationCommand } from '@aws-sdk/client-bedrock'

/** What the configuration says of layer 3 in one region at this moment. */
export interface LoggingSnapshot {
  readonly state: 'on' | 'off'
  readonly reason: string
}

/**
 * Layer 3 is on when invocation logging delivers text somewhere (Bedrock API reference, GetModelInvocationLoggingConfiguration:
 * no loggingConfig when it is off).
 */
export async function loggingSnapshot(client: Pick<BedrockClient, 'send'>): Promise<LoggingSnapshot> {
  const { loggingConfig } = await client.send(new GetModelInvocationLoggingConfigurationCommand({}))
  if (loggingConfig === undefined) return { state: 'off', reason: 'invocation logging is off' }
  if (loggingConfig.textDataDeliveryEnabled === false)
    return { state: 'off', reason: 'invocation logging delivers no text' }
  const somewhere = loggingConfig.s3Config !== undefined || loggingConfig.cloudWatchConfig !== undefined
  return somewhere
    ? { state: 'on', reason: 'invocation logging is on' }
    : { state: 'off', reason: 'invocation logging has no destination' }
}
