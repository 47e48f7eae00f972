import { AwsError } from './aws-error.ts'
import { callerOf } from './identity.ts'
import { inferenceProfiles } from './models.ts'
import type { AccountParts, Exchange } from './parts.ts'
import type { Signer } from './sigv4.ts'

/** Bedrock's control plane: invocation logging and inference profiles (Amazon Bedrock API reference). False: not its path. */
export function handleBedrockControl(parts: AccountParts, exchange: Exchange, signer: Signer): boolean {
  const { method } = exchange.request
  const path = exchange.request.url.split('?')[0] ?? ''
  if (path === '/logging/modelinvocations') {
    loggingConfiguration(parts, exchange, signer)
    return true
  }
  if (method !== 'GET' || !/^\/inference-profiles(\/[^/]+)?$/.test(path)) return false
  const wanted = path.split('/')[2]
  const profiles = inferenceProfiles(signer.region)
  if (wanted === undefined) answer(exchange, parts, 200, { inferenceProfileSummaries: profiles })
  else {
    const id = decodeURIComponent(wanted)
    const found = profiles.find(
      (profile) => profile['inferenceProfileId'] === id || profile['inferenceProfileArn'] === id,
    )
    if (found === undefined)
      throw new AwsError(404, 'ResourceNotFoundException', 'The inference profile was not found.')
    answer(exchange, parts, 200, found)
  }
  return true
}

function loggingConfiguration(parts: AccountParts, exchange: Exchange, signer: Signer): void {
  const { method } = exchange.request
  const { region } = signer
  if (method === 'GET') {
    const loggingConfig = parts.invocations.configOf(region)
    answer(exchange, parts, 200, loggingConfig === undefined ? {} : { loggingConfig })
    return
  }
  if (method !== 'PUT' && method !== 'DELETE') throw new AwsError(404, 'UnknownOperationException', 'Unknown operation')
  const body: unknown = method === 'PUT' ? JSON.parse(exchange.request.body.toString('utf8')) : undefined
  const config = typeof body === 'object' && body !== null && 'loggingConfig' in body ? body.loggingConfig : null
  parts.invocations.setConfig(region, config, parts.clock.now())
  const requestId = parts.random.uuid()
  parts.trail.write({
    at: parts.clock.now(),
    region,
    eventSource: 'bedrock.amazonaws.com',
    eventName:
      method === 'PUT' ? 'PutModelInvocationLoggingConfiguration' : 'DeleteModelInvocationLoggingConfiguration',
    caller: callerOf(parts.state.state, signer.accessKeyId),
    sourceAddress: exchange.sourceAddress,
    userAgent: String(exchange.request.headers['user-agent'] ?? ''),
    host: `bedrock.${region}.amazonaws.com`,
    requestId,
    requestParameters: method === 'PUT' ? body : null,
    readOnly: false,
  })
  answer(exchange, parts, 200, {}, requestId)
}

function answer(
  exchange: Exchange,
  parts: AccountParts,
  status: number,
  body: unknown,
  requestId = parts.random.uuid(),
): void {
  exchange.response
    .writeHead(status, { 'content-type': 'application/json', 'x-amzn-requestid': requestId })
    .end(JSON.stringify(body))
}
