import { rmSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessKeys, buckets } from '../../simulator/src/account/estate.ts'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { createS3Get } from '../../src/platform/aws/s3-get.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { isAbsent } from '../../src/platform/objects/object-source.ts'
import { s3Source } from '../../src/platform/objects/s3-source.ts'
import { temporaryDir } from '../fakes/stand.ts'

const dir = temporaryDir('s3-source')
const strange = ['a/b.json', 'with space/ä+é=1&2?#%25', "quotes'()*!~/x", 'emoji/\u{1f600}', 'plus+/a:b@c,d;e$']
let account: Account
beforeAll(async () => {
  account = await startAccount({ dataDir: dir })
  for (const key of strange) account.parts.store.put(buckets.trail, key, Buffer.from(key), { signature: 'ab' })
})
afterAll(async () => {
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

function clientOf(secretAccessKey = accessKeys.operator.secretAccessKey) {
  const credentials = { accessKeyId: accessKeys.operator.accessKeyId, secretAccessKey }
  return new S3Client({ region: 'eu-west-1', endpoint: account.url, forcePathStyle: true, credentials, maxAttempts: 1 })
}

test('objects come the short way with any key, as the SDK gives them', async () => {
  const client = clientOf()
  const short = createS3Get(() => client, systemClock, 4)
  for (const key of strange) {
    const answer = await short(buckets.trail, key)
    expect(answer === undefined ? undefined : await text(answer), key).toBe(key)
    const { body, metadata } = await s3Source(() => client, `s3://${buckets.trail}`, short).openDescribed(key)
    expect([await text(body), metadata]).toEqual([key, { signature: 'ab' }])
    const plain = await s3Source(() => client, `s3://${buckets.trail}`).openDescribed(key)
    expect([await text(plain.body), plain.metadata]).toEqual([key, { signature: 'ab' }])
  }
  short.close()
})

test('what is not there, or refused, is told in the SDK’s words; after a few refusals only the SDK is asked', async () => {
  const client = clientOf()
  const short = createS3Get(() => client, systemClock, 4)
  const gone = await s3Source(() => client, `s3://${buckets.trail}`, short)
    .open('nothing')
    .catch((cause: unknown) => cause)
  expect(isAbsent(gone)).toBe(true)
  const wrong = clientOf('wrong')
  const refused = createS3Get(() => wrong, systemClock, 4)
  const source = s3Source(() => wrong, `s3://${buckets.trail}`, refused)
  for (let i = 0; i < 7; i++)
    await expect(source.open('a/b.json')).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      facts: { reason: 'SignatureDoesNotMatch' },
    })
  short.close()
  refused.close()
})

test('a listing stays within the beginning of keys that is asked for', async () => {
  const client = clientOf()
  const found: string[] = []
  for await (const { key } of s3Source(() => client, `s3://${buckets.trail}`).list(undefined, 'plus')) found.push(key)
  expect(found).toEqual(['plus+/a:b@c,d;e$'])
})
