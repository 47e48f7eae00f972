import { Readable } from 'node:stream'
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { TriptychError } from '../triptych-error.ts'
import type { ObjectSource, SourceObject } from './object-source.ts'

/** A bucket and prefix of any S3-compatible store. */
export function s3Source(client: () => S3Client, url: string): ObjectSource {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(url) ?? []
  if (bucket === undefined) throw new TriptychError('SOURCE_FAILED', { reason: 'not an s3:// address' })
  return {
    origin: url,
    list: (after) => list(client, bucket, prefix ?? '', after),
    folders: (below) => foldersBelow(client, bucket, below === '' ? (prefix ?? '') : below),
    listBelow: (below, after) => list(client, bucket, below, after),
    async open(key) {
      const answer = await client()
        .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        .catch(failed)
      if (!(answer.Body instanceof Readable)) throw new TriptychError('SOURCE_FAILED', { reason: 'no body' })
      return answer.Body
    },
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

async function foldersBelow(client: () => S3Client, bucket: string, prefix: string): Promise<readonly string[]> {
  const found: string[] = []
  let token: string | undefined
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      Delimiter: '/',
      ...(token === undefined ? {} : { ContinuationToken: token }),
    })
    const page = await client().send(command).catch(failed)
    for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix !== undefined) found.push(Prefix)
    token = page.NextContinuationToken
  } while (token !== undefined)
  return found
}

function failed(cause: unknown): never {
  throw new TriptychError('SOURCE_FAILED', { reason: cause instanceof Error ? cause.name : 'unknown' }, cause)
}
