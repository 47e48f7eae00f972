import { AwsError } from './aws-error.ts'
import { accountId } from './estate.ts'

/** Models of the account by base id; the last is not enabled. */
const enabled = new Map<string, boolean>([
  ['anthropic.claude-sonnet-4-5-20250929-v1:0', true],
  ['anthropic.claude-haiku-4-5-20251001-v1:0', true],
  ['anthropic.claude-opus-4-6-v1', true],
  ['anthropic.claude-3-5-sonnet-20240620-v1:0', true],
  ['anthropic.claude-3-sonnet-20240229-v1:0', true],
  ['anthropic.claude-opus-4-20250514-v1:0', false],
])

/** Application inference profiles: opaque ids that stand for a model. */
const applicationProfiles = new Map([['a1b2c3d4e5f6', 'anthropic.claude-sonnet-4-5-20250929-v1:0']])

const scopes = ['us', 'eu', 'apac', 'jp', 'au', 'global']

/** A model as asked for. */
export interface ResolvedModel {
  readonly asSent: string
  readonly base: string
  /** Set for a cross-region profile: where the inference ran. */
  readonly inferenceRegion: string | undefined
  readonly isProfile: boolean
}

/** Finds a model by any form of its id. Throws ValidationException (unknown) or AccessDeniedException (not enabled). */
export function resolveModel(asSent: string, region: string): ResolvedModel {
  const name = asSent.startsWith('arn:') ? (asSent.split('/').at(-1) ?? '') : asSent
  const application = asSent.includes(':application-inference-profile/') ? applicationProfiles.get(name) : undefined
  const scope = scopes.find((known) => name.startsWith(`${known}.`))
  const base = application ?? (scope === undefined ? name : name.slice(scope.length + 1))
  const state = enabled.get(base)
  if (state === undefined) throw new AwsError(400, 'ValidationException', 'The provided model identifier is invalid.')
  if (!state)
    throw new AwsError(403, 'AccessDeniedException', "You don't have access to the model with the specified model ID.")
  return {
    asSent,
    base,
    inferenceRegion: scope === undefined ? undefined : nearby(region),
    isProfile: scope !== undefined || application !== undefined,
  }
}

/** The profiles of a region, as GetInferenceProfile answers them; ListInferenceProfiles lists those of a type. */
export function inferenceProfiles(region: string): readonly Readonly<Record<string, unknown>>[] {
  const scope = region.startsWith('eu') ? 'eu' : 'us'
  const profile = (id: string, arn: string, type: string, base: string) => ({
    inferenceProfileId: id,
    inferenceProfileName: base,
    inferenceProfileArn: arn,
    status: 'ACTIVE',
    type,
    models: [{ modelArn: `arn:aws:bedrock:${region}::foundation-model/${base}` }],
  })
  const system = [...enabled].flatMap(([base, on]) =>
    on ? [profile(`${scope}.${base}`, profileArn(`${scope}.${base}`, region), 'SYSTEM_DEFINED', base)] : [],
  )
  const application = [...applicationProfiles].map(([id, base]) =>
    profile(id, `arn:aws:bedrock:${region}:${accountId}:application-inference-profile/${id}`, 'APPLICATION', base),
  )
  return [...system, ...application]
}

/** How the invocation log names a profile that InvokeModel was called with. */
export function profileArn(id: string, region: string): string {
  return `arn:aws:bedrock:${region}:${accountId}:inference-profile/${id}`
}

function nearby(region: string): string {
  return region.startsWith('eu') ? 'eu-central-1' : 'us-west-2'
}
