import { accountId } from './estate.ts'
import { seconds } from './identity.ts'

/** A call as the invocation log is told of it. Bodies as they were, parsed. */
export interface Invocation {
  readonly at: number
  readonly region: string
  readonly arn: string
  readonly requestId: string
  readonly operation: string
  readonly modelId: string
  readonly inferenceRegion: string | undefined
  readonly requestMetadata: unknown
  readonly errorCode: string | undefined
  readonly input: unknown
  readonly output: unknown
  readonly tokens:
    | { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number }
    | undefined
}

/** A record of the invocation log. `schemaFirst`: older files begin with the schema, newer ones end with it. */
export function invocationRecord(
  invocation: Invocation,
  input: Readonly<Record<string, unknown>>,
  output: Readonly<Record<string, unknown>> | undefined,
  schemaFirst: boolean,
): Record<string, unknown> {
  const { tokens } = invocation
  const schema = { schemaType: 'ModelInvocationLog', schemaVersion: '1.0' }
  const rest = {
    timestamp: seconds(invocation.at),
    accountId,
    region: invocation.region,
    requestId: invocation.requestId,
    operation: invocation.operation,
    modelId: invocation.modelId,
    ...(invocation.requestMetadata === undefined ? {} : { requestMetadata: invocation.requestMetadata }),
    ...(invocation.errorCode === undefined ? {} : { errorCode: invocation.errorCode }),
    input: {
      inputContentType: 'application/json',
      ...input,
      ...(tokens === undefined
        ? {}
        : {
            inputTokenCount: tokens.input,
            cacheReadInputTokenCount: tokens.cacheRead,
            cacheWriteInputTokenCount: tokens.cacheWrite,
          }),
    },
    ...(output === undefined
      ? {}
      : {
          output: {
            outputContentType: 'application/json',
            ...output,
            ...(tokens === undefined ? {} : { outputTokenCount: tokens.output }),
          },
        }),
    identity: { arn: invocation.arn },
    ...(invocation.inferenceRegion === undefined ? {} : { inferenceRegion: invocation.inferenceRegion }),
  }
  return schemaFirst ? { ...schema, ...rest } : { ...rest, ...schema }
}
