import { Readable } from 'node:stream'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buckets } from '../src/account/estate.ts'
import { clientOptions, type TestAccount, testAccount } from './kit.ts'

const Bucket = buckets.invocations
let stand: TestAccount
let s3: S3Client
beforeAll(async () => {
  stand = await testAccount()
  s3 = new S3Client({ ...clientOptions(stand.account), forcePathStyle: true })
})
afterAll(() => stand.close())

const bytesOf = async (Key: string, Range?: string) =>
  Buffer.from((await (await s3.send(new GetObjectCommand({ Bucket, Key, Range }))).Body?.transformToByteArray()) ?? [])

async function pages(input: { Prefix?: string; MaxKeys?: number; StartAfter?: string }) {
  const found: string[][] = []
  let token: string | undefined
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ...input, ContinuationToken: token }))
    expect(page.KeyCount).toBe(page.Contents?.length ?? 0)
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined)
    found.push((page.Contents ?? []).map((object) => object.Key ?? ''))
    token = page.NextContinuationToken
  } while (token !== undefined)
  return found
}

test('more keys than a page holds come in pages of a thousand at most, each key once and in order', async () => {
  const keys = Array.from({ length: 1_234 }, (_, i) => `many/${String(i).padStart(5, '0')}`)
  for (const key of keys) stand.account.parts.store.put(Bucket, key, Buffer.from(key))
  expect((await pages({ Prefix: 'many/' })).map((page) => page.length)).toEqual([1_000, 234])
  const small = await pages({ Prefix: 'many/', MaxKeys: 100 })
  expect(small).toHaveLength(13)
  expect(small.flat()).toEqual(keys)
  expect((await pages({ Prefix: 'many/', StartAfter: 'many/01230' })).flat()).toEqual(keys.slice(1_231))
  expect((await pages({ Prefix: 'many/009' })).flat()).toHaveLength(100)
  expect((await pages({ Prefix: 'many/', MaxKeys: 0 })).flat()).toEqual([])
  expect((await pages({ Prefix: 'nowhere/' })).flat()).toEqual([])
})

test('keys are in the order of their UTF-8 bytes, and paging does not lose those beyond the basic plane', async () => {
  const keys = ['order/\u{ff5e}', 'order/\u{1f600}', 'order/a', 'order/ä']
  for (const key of keys) stand.account.parts.store.put(Bucket, key, Buffer.from('x'))
  const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect((await pages({ Prefix: 'order/', MaxKeys: 1 })).flat()).toEqual(sorted)
})

test('what the SDK puts by default comes back byte for byte, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
      await s3.send(new PutObjectCommand({ Bucket, Key: 'any/bytes', Body: bytes }))
      expect((await bytesOf('any/bytes')).equals(Buffer.from(bytes))).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('a body sent as a stream, in chunks with a trailing checksum, comes back without them', async () => {
  const bytes = Buffer.from('chunk after chunk é\r\n'.repeat(10_000))
  const parts = Array.from({ length: Math.ceil(bytes.length / 9_000) }, (_, i) =>
    bytes.subarray(i * 9_000, (i + 1) * 9_000),
  )
  await s3.send(
    new PutObjectCommand({ Bucket, Key: 'streamed', Body: Readable.from(parts), ContentLength: bytes.length }),
  )
  expect((await bytesOf('streamed')).equals(bytes)).toBe(true)
})

test('a body that does not have its checksum is refused and not kept', async () => {
  await expect(
    s3.send(new PutObjectCommand({ Bucket, Key: 'damaged', Body: 'as sent', ChecksumCRC32: 'AAAAAA==' })),
  ).rejects.toMatchObject({ name: 'BadDigest' })
  await expect(bytesOf('damaged')).rejects.toMatchObject({ name: 'NoSuchKey' })
})

test('ranges give the bytes asked for, and one beyond the end is refused', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'ranged', Body: '0123456789' }))
  expect((await bytesOf('ranged', 'bytes=2-4')).toString()).toBe('234')
  expect((await bytesOf('ranged', 'bytes=7-')).toString()).toBe('789')
  expect((await bytesOf('ranged', 'bytes=-3')).toString()).toBe('789')
  expect((await bytesOf('ranged', 'bytes=5-500')).toString()).toBe('56789')
  await expect(bytesOf('ranged', 'bytes=10-12')).rejects.toMatchObject({ name: 'InvalidRange' })
})

test('put, head, get and list agree on size, ETag and time', async () => {
  const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'agreed', Body: 'agreed' }))
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'agreed' }))
  const get = await s3.send(new GetObjectCommand({ Bucket, Key: 'agreed' }))
  const listed = (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'agreed' }))).Contents?.[0]
  expect([head.ETag, get.ETag, listed?.ETag]).toEqual([put.ETag, put.ETag, put.ETag])
  expect([head.ContentLength, get.ContentLength, listed?.Size]).toEqual([6, 6, 6])
  const seconds = (at: Date | undefined) => Math.floor((at?.getTime() ?? 0) / 1000)
  expect(seconds(head.LastModified)).toBe(seconds(listed?.LastModified))
  expect(Math.abs(seconds(head.LastModified) - Date.now() / 1000)).toBeLessThan(60)
})

test('the ETag changes when an object is changed behind the service’s back', async () => {
  const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'tampered', Body: 'before' }))
  const { writeFileSync } = await import('node:fs')
  writeFileSync(`${stand.dir}/s3/${Bucket}/tampered`, 'after!!')
  const listed = (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'tampered' }))).Contents?.[0]
  expect(listed?.ETag).not.toBe(put.ETag)
})

test('what is not there has AWS’s names: NoSuchKey, NotFound, NoSuchBucket', async () => {
  await expect(bytesOf('absent')).rejects.toMatchObject({
    name: 'NoSuchKey',
    $metadata: { requestId: expect.any(String) },
  })
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'absent' }))).rejects.toMatchObject({ name: 'NotFound' })
  for (const command of [
    new ListObjectsV2Command({ Bucket: 'no-such-bucket' }),
    new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' }),
    new PutObjectCommand({ Bucket: 'no-such-bucket', Key: 'k', Body: 'x' }),
  ])
    await expect(Reflect.apply(s3.send, s3, [command])).rejects.toMatchObject({ name: 'NoSuchBucket' })
})

test('a put that only takes a new key is refused with 412 where one stands, and changes nothing', async () => {
  const put = (Body: string, IfNoneMatch?: string) =>
    s3.send(new PutObjectCommand({ Bucket, Key: 'only/once', Body, ...(IfNoneMatch ? { IfNoneMatch } : {}) }))
  await put('first', '*')
  await expect(put('second', '*')).rejects.toMatchObject({
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  })
  expect((await bytesOf('only/once')).toString()).toBe('first')
  await put('third')
  expect((await bytesOf('only/once')).toString()).toBe('third')
})
