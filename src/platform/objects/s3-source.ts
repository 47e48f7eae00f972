import { Readable } from 'node:stream'
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { TriptychError } from '../triptych-error.ts'
import type { DescribedSource, SourceObject } from './object-source.ts'

/** A bucket and prefix of any S3-compatible store. */
export function s3Source(client: () => S3Client, url: string): DescribedSource {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(url) ?? []
  if (bucket === undefined) throw new TriptychError('SOURCE_FAILED', { reason: 'not an s3:// address' })
  const get = async (key: string) => {
    const { Body: body, Metadata: metadata = {} } = await client()
      .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      .catch(failed)
    if (!(body instanceof Readable)) throw new TriptychError('SOURCE_FAILED', { reason: 'no body' })
    return { body, metadata }
  }
  return {
    origin: url,
    list: (after, within) => list(client, bucket, within ?? prefix ?? '', after),
    open: async (key) => (await get(key)).body,
    openDescribed: get,
  }
}

async function* list(
  client: () => S3Client,
  bucket: string,
  prefix: string,
  after: string | undefined,
): AsyncGenerator<SourceObject> {
  let token: string | undefined
  do {
    const page = await client()
      .send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
          ...(after === undefined ? {} : { StartAfter: after }),
        }),
      )
      .catch(failed)
    for (const object of page.Contents ?? []) {
      if (object.Key !== undefined) yield { key: object.Key, bytes: object.Size ?? 0, version: object.ETag ?? '' }
    }
    token = page.NextContinuationToken
  } while (token !== undefined)
}

function failed(cause: unknown): never {
  throw new TriptychError('SOURCE_FAILED', { reason: cause instanceof Error ? cause.name : 'unknown' }, cause)
}
