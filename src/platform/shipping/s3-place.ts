import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { TriptychError } from '../triptych-error.ts'
import { longestPiece, type ShipPlace } from './ship-place.ts'

/** A bucket and prefix; best one that takes new objects only (Object Lock, or no right to delete). */
export function s3Place(client: () => S3Client, url: string): ShipPlace {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(url) ?? []
  const root = path === '' || path.endsWith('/') ? path : `${path}/`
  const firstBehind = async (prefix: string, after: string): Promise<string | undefined> => {
    const page = { Bucket: bucket, Prefix: prefix, StartAfter: after, MaxKeys: 1 }
    const answer = await client().send(new ListObjectsV2Command(page), within()).catch(failed)
    return answer.Contents?.[0]?.Key
  }
  return {
    origin: url,
    async sources() {
      const found: string[] = []
      let after = root
      for (;;) {
        const key = await firstBehind(root, after)
        if (key === undefined) return found
        const source = key.slice(root.length).split('/')[0] ?? ''
        if (key.startsWith(`${root}${source}/`)) found.push(source)
        // '0' follows '/' directly: everything below this folder is stepped over.
        after = key.startsWith(`${root}${source}/`) ? `${root}${source}0` : key
      }
    },
    async next(folder, after) {
      const prefix = `${root}${folder}/`
      return (await firstBehind(prefix, `${prefix}${after}`))?.slice(prefix.length)
    },
    async read(folder, name) {
      try {
        const wanted = { Bucket: bucket, Key: `${root}${folder}/${name}` }
        const answer = await client().send(new GetObjectCommand(wanted), within())
        if ((answer.ContentLength ?? 0) > longestPiece) return failed(new RangeError('too long'))
        const bytes = await answer.Body?.transformToByteArray()
        return bytes === undefined ? undefined : Buffer.from(bytes)
      } catch (cause) {
        if (nameOf(cause) === 'NoSuchKey') return undefined
        return failed(cause)
      }
    },
    async create(folder, name, bytes) {
      const object = { Bucket: bucket, Key: `${root}${folder}/${name}`, Body: bytes, IfNoneMatch: '*' }
      try {
        await client().send(new PutObjectCommand(object), within())
        return true
      } catch (cause) {
        if (nameOf(cause) === 'PreconditionFailed') return false
        return failed(cause)
      }
    },
  }
}

const timeoutMs = 8_000

function within() {
  return { abortSignal: AbortSignal.timeout(timeoutMs) }
}

function failed(cause: unknown): never {
  throw new TriptychError('JOURNAL_UNSHIPPED', { kind: 's3', reason: nameOf(cause) }, cause)
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : 'unknown'
}
