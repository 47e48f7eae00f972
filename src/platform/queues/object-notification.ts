import { z } from 'zod'
import { parseJson } from '../json/parse-json.ts'

/** An object that a notification says is there; CloudTrail's own does not say how large it is. */
export interface NotifiedObject {
  readonly bucket: string
  readonly key: string
  readonly bytes: number | undefined
  readonly version: string
}

/** What a message is: new objects, something that is no news of any (a test, a deletion), or nothing that can be read. */
export type Notification =
  | { readonly kind: 'objects'; readonly objects: readonly NotifiedObject[] }
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable' }

const s3Schema = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      s3: z.object({
        bucket: z.object({ name: z.string() }),
        object: z.object({ key: z.string(), size: z.number().optional(), eTag: z.string().optional() }),
      }),
    }),
  ),
})
const eventBridgeSchema = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string(), size: z.number().optional(), etag: z.string().optional() }),
  }),
})
const cloudTrailSchema = z.object({ s3Bucket: z.string(), s3ObjectKey: z.array(z.string()) })
const wrappedSchema = z.object({ Type: z.literal('Notification'), Message: z.string() })
const testSchema = z.object({ Event: z.literal('s3:TestEvent') })

/**
 * Reads a message body in the forms that name objects: S3 event notification, the same through SNS, an EventBridge event (Amazon S3
 * user guide, event message structure), and CloudTrail's own SNS notification. Never throws.
 */
export function readNotification(body: string, depth = 0): Notification {
  const value = parseJson(body)
  const wrapped = wrappedSchema.safeParse(value)
  if (wrapped.success && depth < 2) return readNotification(wrapped.data.Message, depth + 1)
  if (testSchema.safeParse(value).success) return { kind: 'other' }
  const s3 = s3Schema.safeParse(value)
  if (s3.success) return news(s3.data.Records.filter(({ eventName }) => isCreation(eventName)).map(fromS3))
  const eventBridge = eventBridgeSchema.safeParse(value)
  if (eventBridge.success) {
    const { detail, 'detail-type': type } = eventBridge.data
    const { key, size, etag = '' } = detail.object
    return news(type === 'Object Created' ? [{ bucket: detail.bucket.name, key, bytes: size, version: etag }] : [])
  }
  const cloudTrail = cloudTrailSchema.safeParse(value)
  if (!cloudTrail.success) return { kind: 'unreadable' }
  const { s3Bucket, s3ObjectKey } = cloudTrail.data
  return news(s3ObjectKey.map((key) => ({ bucket: s3Bucket, key, bytes: undefined, version: '' })))
}

function news(objects: readonly (NotifiedObject | undefined)[]): Notification {
  if (objects.some((object) => object === undefined)) return { kind: 'unreadable' }
  const known = objects.filter((object) => object !== undefined)
  return known.length === 0 ? { kind: 'other' } : { kind: 'objects', objects: known }
}

function isCreation(eventName: string): boolean {
  return /^(s3:)?ObjectCreated:/.test(eventName)
}

/** Keys are form-encoded in S3's own notifications: a space is a plus. */
function fromS3({ s3 }: z.infer<typeof s3Schema>['Records'][number]): NotifiedObject | undefined {
  try {
    const key = decodeURIComponent(s3.object.key.replaceAll('+', ' '))
    return { bucket: s3.bucket.name, key, bytes: s3.object.size, version: s3.object.eTag ?? '' }
  } catch {
    return undefined
  }
}
