import type { Operation } from '../../record/operation.ts'

/** A path the gateway serves. Bedrock's routes carry the model as one encoded segment; Anthropic's in the body. */
export type Route =
  | {
      readonly kind: 'bedrock'
      readonly operation: Operation
      readonly streaming: boolean
      readonly modelSegment: string
    }
  | { readonly kind: 'anthropic'; readonly counts: boolean }
  | { readonly kind: 'probe' }
  | { readonly kind: 'profiles'; readonly profile: string; readonly query: string }
  | { readonly kind: 'models'; readonly model: string }
  | { readonly kind: 'health' }
  | { readonly kind: 'ready' }

const bedrockVerbs = new Map<string, { operation: Operation; streaming: boolean }>([
  ['invoke', { operation: 'InvokeModel', streaming: false }],
  ['invoke-with-response-stream', { operation: 'InvokeModelWithResponseStream', streaming: true }],
  ['converse', { operation: 'Converse', streaming: false }],
  ['converse-stream', { operation: 'ConverseStream', streaming: true }],
  ['count-tokens', { operation: 'CountTokens', streaming: false }],
])

const fixed = new Map<string, Route>([
  ['POST /v1/messages', { kind: 'anthropic', counts: false }],
  ['POST /v1/messages/count_tokens', { kind: 'anthropic', counts: true }],
  ['GET /v1/models', { kind: 'models', model: '' }],
  ['HEAD /', { kind: 'probe' }],
  ['HEAD /api/hello', { kind: 'probe' }],
  ['GET /healthz', { kind: 'health' }],
  ['GET /readyz', { kind: 'ready' }],
])

/**
 * Deny by default: a path that is not listed is undefined. Works on the raw path, so that an encoded slash in a model ARN stays
 * one segment (AWS API reference, InvokeModel). The query is ignored: Claude Code adds `?beta=true`.
 */
export function matchRoute(method: string, url: string): Route | undefined {
  const query = url.indexOf('?')
  const whole = query === -1 ? url : url.slice(0, query)
  const path = whole.startsWith('/bedrock/') ? whole.slice('/bedrock'.length) : whole
  const known = fixed.get(`${method} ${path}`)
  if (known !== undefined) return known
  if (method === 'GET') return matchListing(path, query === -1 ? '' : url.slice(query + 1))
  const [, modelSegment, verb] = /^\/model\/([^/]+)\/([a-z-]+)$/.exec(path) ?? []
  const found = verb === undefined ? undefined : bedrockVerbs.get(verb)
  if (method !== 'POST' || found === undefined || modelSegment === undefined) return undefined
  return { kind: 'bedrock', ...found, modelSegment }
}

function matchListing(path: string, query: string): Route | undefined {
  const [, listing, one = ''] = /^\/(inference-profiles|v1\/models)(?:\/([^/]+))?$/.exec(path) ?? []
  if (listing === undefined) return undefined
  return listing === 'v1/models' ? { kind: 'models', model: one } : { kind: 'profiles', profile: one, query }
}
