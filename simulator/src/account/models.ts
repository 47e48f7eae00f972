// The Claude models of the account, and every way a request may name one.
import { AwsError, invalid } from './aws-error.ts'
import { accountId } from './estate.ts'

/** One model: its Bedrock id, the name it answers with, and which cross-region prefixes exist for it. */
export interface Model {
  readonly id: string
  readonly answersAs: string
  readonly profiles: readonly string[]
  readonly enabled: boolean
}

/** A model as a request named it. */
export interface NamedModel {
  readonly asSent: string
  readonly model: Model
  /** `us`, `eu`, `global` … when a cross-region profile was named. */
  readonly profile?: string
  /** The id or ARN ends in an inference profile of the account. */
  readonly profileId?: string
}

/** Claude models on Bedrock; the last one exists but was never enabled here. */
export const models: readonly Model[] = [
  { id: 'anthropic.claude-sonnet-4-5-20250929-v1:0', answersAs: 'claude-sonnet-4-5-20250929', profiles: ['us', 'eu', 'global'], enabled: true },
  { id: 'anthropic.claude-haiku-4-5-20251001-v1:0', answersAs: 'claude-haiku-4-5-20251001', profiles: ['us', 'eu', 'global'], enabled: true },
  { id: 'anthropic.claude-opus-4-6-v1', answersAs: 'claude-opus-4-6', profiles: ['us', 'eu', 'global'], enabled: true },
  { id: 'anthropic.claude-opus-4-7', answersAs: 'claude-opus-4-7', profiles: ['us', 'eu', 'global'], enabled: true },
  { id: 'anthropic.claude-sonnet-4-20250514-v1:0', answersAs: 'claude-sonnet-4-20250514', profiles: ['us', 'eu', 'global'], enabled: true },
  { id: 'anthropic.claude-3-7-sonnet-20250219-v1:0', answersAs: 'claude-3-7-sonnet-20250219', profiles: ['us', 'eu'], enabled: true },
  { id: 'anthropic.claude-3-5-sonnet-20240620-v1:0', answersAs: 'claude-3-5-sonnet-20240620', profiles: ['us', 'eu'], enabled: true },
  { id: 'anthropic.claude-3-haiku-20240307-v1:0', answersAs: 'claude-3-haiku-20240307', profiles: ['us', 'eu'], enabled: true },
  { id: 'anthropic.claude-opus-4-20250514-v1:0', answersAs: 'claude-opus-4-20250514', profiles: ['us'], enabled: false },
]

/** Application inference profiles of the account: opaque id → system profile or model it stands for. */
export const applicationProfiles: ReadonlyMap<string, string> = new Map([
  ['a1b2c3d4e5f6', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['f6e5d4c3b2a1', 'us.anthropic.claude-haiku-4-5-20251001-v1:0'],
])

const regionsBehind: Readonly<Record<string, readonly [string, ...string[]]>> = {
  us: ['us-east-1', 'us-east-2', 'us-west-2'],
  eu: ['eu-west-1', 'eu-central-1', 'eu-north-1'],
  global: ['us-east-1', 'us-west-2', 'eu-central-1', 'ap-southeast-4', 'ap-northeast-1'],
}

/** The regions a cross-region profile may run in. */
export function regionsOf(profile: string): readonly [string, ...string[]] {
  return regionsBehind[profile] ?? ['us-east-1']
}

function byId(id: string): { model: Model; profile?: string } | undefined {
  for (const model of models) {
    if (model.id === id) return { model }
    const profile = model.profiles.find((prefix) => `${prefix}.${model.id}` === id)
    if (profile !== undefined) return { model, profile }
  }
  return undefined
}

function unknown(): AwsError {
  return invalid('The provided model identifier is invalid.')
}

const arnForm = /^arn:aws:bedrock:([a-z0-9-]+):(\d{12})?:(foundation-model|inference-profile|application-inference-profile)\/(.+)$/

function byArn(asSent: string): NamedModel {
  const match = arnForm.exec(asSent)
  if (match === null) throw unknown()
  const [, , account, kind, name = ''] = match
  const id = kind === 'application-inference-profile' ? applicationProfiles.get(name) : name
  const found = id === undefined ? undefined : byId(id)
  if (found === undefined || (kind !== 'foundation-model' && account !== accountId)) throw unknown()
  if (kind === 'foundation-model' && found.profile !== undefined) throw unknown()
  return { asSent, ...found, ...(kind === 'foundation-model' ? {} : { profileId: name }) }
}

/** Finds the model a request named. Unknown → ValidationException 400, not enabled → AccessDeniedException 403. */
export function findModel(asSent: string): NamedModel {
  const named = asSent.startsWith('arn:') ? byArn(asSent) : nameById(asSent)
  if (!named.model.enabled) {
    throw new AwsError('AccessDeniedException', 403, "You don't have access to the model with the specified model ID.")
  }
  return named
}

function nameById(asSent: string): NamedModel {
  const found = byId(asSent)
  if (found === undefined) throw unknown()
  return { asSent, ...found, ...(found.profile === undefined ? {} : { profileId: asSent }) }
}
