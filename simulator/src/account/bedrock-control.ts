import { AwsError } from './aws-error.ts'
import type { Caller } from './identity.ts'
import { parseJson } from './lines.ts'
import { inferenceProfiles } from './models.ts'
import type { AccountParts, Exchange } from './parts.ts'
import { answerJson } from './respond.ts'

/** Bedrock's control plane: invocation logging and inference profiles (Amazon Bedrock API reference). False: not its path. */
export function handleBedrockControl(parts: AccountParts, exchange: Exchange, caller: Caller, region: string): boolean {
  const url = new URL(exchange.request.url, 'http://bedrock')
  if (url.pathname === '/logging/modelinvocations') {
    loggingConfiguration(parts, exchange, caller, region)
    return true
  }
  const [, wanted] = /^\/inference-profiles(?:\/([^/]+))?$/.exec(url.pathname) ?? [undefined, undefined]
  if (exchange.request.method !== 'GET' || !url.pathname.startsWith('/inference-profiles')) return false
  const profiles = inferenceProfiles(region)
  if (wanted === undefined) {
    const type = url.searchParams.get('type') ?? 'SYSTEM_DEFINED'
    const inferenceProfileSummaries = profiles.filter((profile) => profile['type'] === type)
    answerJson(exchange, parts.random.uuid(), 200, { inferenceProfileSummaries })
    return true
  }
  const id = decodeURIComponent(wanted)
  const found = profiles.find(
    (profile) => profile['inferenceProfileId'] === id || profile['inferenceProfileArn'] === id,
  )
  if (found === undefined) throw new AwsError(404, 'ResourceNotFoundException', 'The inference profile was not found.')
  answerJson(exchange, parts.random.uuid(), 200, found)
  return true
}

function loggingConfiguration(parts: AccountParts, exchange: Exchange, caller: Caller, region: string): void {
  const { method } = exchange.request
  if (method === 'GET') {
    const loggingConfig = parts.invocations.configOf(region)
    answerJson(exchange, parts.random.uuid(), 200, loggingConfig === undefined ? {} : { loggingConfig })
    return
  }
  if (method !== 'PUT' && method !== 'DELETE') throw new AwsError(404, 'UnknownOperationException', 'Unknown operation')
  const body = method === 'PUT' ? parseJson(exchange.request.body.toString('utf8')) : null
  parts.invocations.setConfig(region, method === 'PUT' ? configIn(body) : null, parts.clock.now())
  const requestId = parts.random.uuid()
  parts.trail.write({
    at: parts.clock.now(),
    region,
    eventSource: 'bedrock.amazonaws.com',
    eventName:
      method === 'PUT' ? 'PutModelInvocationLoggingConfiguration' : 'DeleteModelInvocationLoggingConfiguration',
    caller,
    sourceAddress: exchange.sourceAddress,
    userAgent: String(exchange.request.headers['user-agent'] ?? ''),
    host: `bedrock.${region}.amazonaws.com`,
    requestId,
    requestParameters: body,
    readOnly: false,
    ...(caller.bearer ? { additionalEventData: { callWithBearerToken: true } } : {}),
  })
  answerJson(exchange, requestId, 200, {})
}

function configIn(body: unknown): unknown {
  const config = typeof body === 'object' && body !== null && 'loggingConfig' in body ? body.loggingConfig : null
  if (config === null) throw new AwsError(400, 'ValidationException', 'loggingConfig is required')
  return config
}
