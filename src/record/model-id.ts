/**
 * Bedrock names one model in many ways (base id, cross-region profile, ARN of either, opaque application profile …).
 * Source: AWS API reference, bedrock-runtime InvokeModel, parameter modelId (at most 2,048 characters).
 */
export type ModelIdKind =
  | 'foundation-model'
  | 'inference-profile'
  | 'application-inference-profile'
  | 'provisioned-model'
  | 'custom-model-deployment'
  | 'custom-model'
  | 'imported-model'
  | 'prompt'
  | 'prompt-router'
  | 'default-prompt-router'
  | 'endpoint'

/** A model id, read. */
export interface ModelId {
  readonly asSent: string
  readonly kind: ModelIdKind
  /** The base model (`anthropic.claude-…`), the same for every form; undefined while the form is opaque. */
  readonly model: string | undefined
  /** The geography of a cross-region profile (`us`, `eu`, `global` …). */
  readonly scope: string | undefined
  /** Region and account, where the form is an ARN that names them. */
  readonly region: string | undefined
  readonly account: string | undefined
}

const longest = 2048
const scopes = ['us', 'eu', 'apac', 'jp', 'au', 'ca', 'us-gov', 'global'] as const
const baseModel = /^[a-z0-9-]{1,63}\.[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}(?::[0-9a-z]{1,8}){0,2}$/
const arn = /^arn:(aws[a-z0-9-]{0,20}):(bedrock|sagemaker):([a-z0-9-]{1,32}):(\d{0,12}):([a-z-]{1,40})\/(.{1,512})$/
const opaqueName = /^[a-zA-Z0-9][a-zA-Z0-9._:/-]{0,511}$/

/** Kinds whose ARN tail is itself a model name; the tail of every other kind is opaque until resolved. */
const named: readonly ModelIdKind[] = ['foundation-model', 'inference-profile']
const kinds: readonly ModelIdKind[] = [
  ...named,
  'application-inference-profile',
  'provisioned-model',
  'custom-model-deployment',
  'custom-model',
  'imported-model',
  'prompt',
  'prompt-router',
  'default-prompt-router',
  'endpoint',
]

/** Reads any form of a model id; undefined when it is none. Percent-encoding is the caller's to undo, once. */
export function parseModelId(text: string): ModelId | undefined {
  if (text.length === 0 || text.length > longest) return undefined
  return text.startsWith('arn:') ? parseArn(text) : parseName(text, text)
}

/** Whether two ids name the same base model; `unknown` while one of them is opaque. */
export function sameModel(a: ModelId, b: ModelId): 'same' | 'different' | 'unknown' {
  if (a.model !== undefined && b.model !== undefined) return a.model === b.model ? 'same' : 'different'
  return a.asSent === b.asSent ? 'same' : 'unknown'
}

function parseArn(text: string): ModelId | undefined {
  const [, , service, region, account, kindText, tail] = arn.exec(text) ?? []
  const kind = kinds.find((known) => known === kindText)
  if (kind === undefined || tail === undefined || region === undefined) return undefined
  if ((service === 'sagemaker') !== (kind === 'endpoint')) return undefined
  const place = { region, account: account === '' ? undefined : account }
  if (named.includes(kind)) {
    const name = parseName(tail, text)
    return name === undefined ? undefined : { ...name, kind, ...place }
  }
  if (!opaqueName.test(tail)) return undefined
  return { asSent: text, kind, model: undefined, scope: undefined, ...place }
}

function parseName(name: string, asSent: string): ModelId | undefined {
  const scope = scopes.find((known) => name.startsWith(`${known}.`))
  const base = scope === undefined ? name : name.slice(scope.length + 1)
  if (!baseModel.test(base)) return undefined
  const kind = scope === undefined ? 'foundation-model' : 'inference-profile'
  return { asSent, kind, model: withoutVariant(base), scope, region: undefined, account: undefined }
}

/** `…-v1:0:200k` is the context-window variant of `…-v1:0`. */
function withoutVariant(base: string): string {
  return base.replace(/(:\d+):\d+k$/, '$1')
}

/** Vendors whose models Bedrock serves, as their ids begin. */
const vendors =
  'ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshot|nvidia|openai|qwen|stability|twelvelabs|writer|zai'
const bedrockName = new RegExp(`^(?:(?:${scopes.join('|')})\\.)?(?:${vendors})\\.[a-z0-9]`)

/** Whether a name is one that Bedrock itself uses: other gateways also write names of their own (`claude-sonnet-4-5`). */
export function namesBedrockModel(text: string): boolean {
  return arn.test(text) || bedrockName.test(text)
}
