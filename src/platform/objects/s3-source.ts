import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { S3Get } from '../aws/s3-get.ts'
import { TriptychError } from '../triptych-error.ts'
import type { DescribedSource, SourceObject } from './object-source.ts'

/** A bucket and prefix of any S3-compatible store. `short` reads many small objects in less time, and leaves the rest to the SDK. */
export function s3Source(client: () => S3Client, url: string, short?: S3Get): DescribedSource {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(url) ?? []
  if (bucket === undefined) throw new TriptychError('SOURCE_FAILED', { reason: 'not an s3:// address' })
  const get = async (key: string) => {
    const answer = await short?.(bucket, key)
    if (answer !== undefined) return { body: answer, metadata: userMetadata(answer.headers) }
    const { Body: body, Metadata: metadata = {} } = await client()
      .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      .catch(failed)
    if (!(body instanceof Readable)) throw new TriptychError('SOURCE_FAILED', { reason: 'no body' })
    return { body, metadata }
  }
  return {
    origin: url,
    list: (after, within) => list(client, bucket, within ?? prefix ?? '', after),
    folders: (below) => foldersBelow(client, bucket, below === '' ? (prefix ?? '') : below),
    open: async (key) => (await get(key)).body,
    openDescribed: get,
  }
}

const metaPrefix = 'x-amz-meta-'

function userMetadata(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(metaPrefix))
      .map(([name, value]) => [name.slice(metaPrefix.length), String(value)]),
  )
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
