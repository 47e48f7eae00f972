import { AwsError } from './aws-error.ts'

/** What AssumeRole was asked for. */
export interface WantedSession {
  readonly roleArn: string
  readonly sessionName: string
  /** '' when none was given. */
  readonly sourceIdentity: string
  /** Seconds. */
  readonly duration: number
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  readonly transitiveTagKeys: readonly string[]
}

const nameForm = /^[\w+=,.@-]{2,64}$/
/** The default of a role's maximum session duration. */
const longest = 3600
const shortest = 900
const mostTags = 50

/** Reads the form of AssumeRole (AWS STS API reference, AssumeRole, request parameters). Throws ValidationError. */
export function wantedOf(form: URLSearchParams): WantedSession {
  const wanted = {
    roleArn: form.get('RoleArn') ?? '',
    sessionName: form.get('RoleSessionName') ?? '',
    sourceIdentity: form.get('SourceIdentity') ?? '',
    duration: Number(form.get('DurationSeconds') ?? longest),
    tags: tagsOf(form),
    transitiveTagKeys: keysOf(form),
  }
  check(nameForm.test(wanted.sessionName), 'roleSessionName')
  check(wanted.sourceIdentity === '' || nameForm.test(wanted.sourceIdentity), 'sourceIdentity')
  check(wanted.duration >= shortest && wanted.duration <= longest, 'durationSeconds')
  check(wanted.tags.length <= mostTags, 'tags')
  check(
    wanted.tags.every(({ key, value }) => key.length >= 1 && key.length <= 128 && value.length <= 256),
    'tags',
  )
  return wanted
}

function check(holds: boolean, parameter: string): void {
  if (!holds)
    throw new AwsError(400, 'ValidationError', `Value at '${parameter}' failed to satisfy constraint of AssumeRole`)
}

function tagsOf(form: URLSearchParams): WantedSession['tags'] {
  const tags: { key: string; value: string }[] = []
  for (let i = 1; form.has(`Tags.member.${i}.Key`); i++)
    tags.push({ key: form.get(`Tags.member.${i}.Key`) ?? '', value: form.get(`Tags.member.${i}.Value`) ?? '' })
  return tags
}

function keysOf(form: URLSearchParams): readonly string[] {
  const keys: string[] = []
  for (let i = 1; form.has(`TransitiveTagKeys.member.${i}`); i++)
    keys.push(form.get(`TransitiveTagKeys.member.${i}`) ?? '')
  return keys
}
