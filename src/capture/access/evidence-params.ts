/**
 * What is kept of the parameters of an event that changes evidence: the settings by name, nothing else. A bucket policy, a tag or
 * a description may name people (CloudTrail, Bedrock and S3 API references).
 */
const settings: ReadonlySet<string> = new Set([
  'name',
  'trailName',
  's3BucketName',
  's3KeyPrefix',
  'bucketName',
  'keyPrefix',
  'kmsKeyId',
  'cloudWatchLogsLogGroupArn',
  'logGroupName',
  'isMultiRegionTrail',
  'isOrganizationTrail',
  'includeGlobalServiceEvents',
  'enableLogFileValidation',
  'includeManagementEvents',
  'readWriteType',
  'field',
  'equals',
  'notEquals',
  'startsWith',
  'insightType',
  'textDataDeliveryEnabled',
  'imageDataDeliveryEnabled',
  'embeddingDataDeliveryEnabled',
  'videoDataDeliveryEnabled',
  'audioDataDeliveryEnabled',
  'guardrailIdentifier',
  'guardrailVersion',
  'status',
  'days',
])

const longestParams = 16_384
const deepest = 12
const word = /^[A-Za-z0-9:._/*+=-]{1,512}$/

/** The settings among the parameters as JSON, at most 16,384 characters; `''` when there are none. */
export function evidenceParams(parameters: unknown): string {
  const kept = keep(parameters, false, deepest)
  if (kept === undefined) return ''
  const text = JSON.stringify(kept)
  return text.length <= longestParams ? text : '{"omitted":"too long"}'
}

function keep(value: unknown, isSetting: boolean, depth: number): unknown {
  if (depth === 0) return undefined
  if (Array.isArray(value)) return emptyAsNothing(value.map((one) => keep(one, isSetting, depth - 1)).filter(isKept))
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, inner]) => [key, keep(inner, settings.has(key), depth - 1)] as const,
    )
    const kept = members.filter(([key, inner]) => isKept(inner) && word.test(key))
    return kept.length === 0 ? undefined : Object.fromEntries(kept)
  }
  if (!isSetting) return undefined
  if (typeof value === 'boolean' || typeof value === 'number') return value
  return typeof value === 'string' && word.test(value) ? value : undefined
}

function isKept(value: unknown): boolean {
  return value !== undefined
}

function emptyAsNothing(list: readonly unknown[]): readonly unknown[] | undefined {
  return list.length === 0 ? undefined : list
}
