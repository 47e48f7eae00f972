import { createHash, createPublicKey, verify } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  ListPublicKeysCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trailArn } from '../src/account/cloudtrail-service.ts'
import { accountId, buckets } from '../src/account/estate.ts'
import { clientOptions, type TestAccount, testAccount } from './kit.ts'

const region = 'us-east-1'
const hourMs = 3_600_000
const from = Date.UTC(2026, 10, 20, 6)
const Bucket = buckets.trail
let stand: TestAccount
let s3: S3Client

beforeAll(async () => {
  stand = await testAccount()
  s3 = new S3Client({ ...clientOptions(stand.account), forcePathStyle: true })
})
afterAll(() => stand.close())

const trailIn = (name: string) =>
  new CloudTrailClient({
    ...clientOptions(stand.account, name),
    systemClockOffset: stand.account.parts.clock.now() - Date.now(),
  })
const trail = () => trailIn(region)
const digestKeys = (name: string = region) =>
  stand.account.parts.store.keys(Bucket, `AWSLogs/${accountId}/CloudTrail-Digest/${name}/`)
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
const read = (key: string) => {
  const bytes = gunzipSync(stand.account.parts.store.get(Bucket, key))
  return {
    doc: JSON.parse(bytes.toString('utf8')),
    hash: sha256(bytes),
    metadata: stand.account.parts.store.metadata(Bucket, key),
  }
}
const moveTo = (at: number) => {
  stand.account.parts.clock.set(at)
  stand.account.deliver()
}

test('without validation there is no digest; with it one per hour and region, also when nothing was delivered', async () => {
  stand.account.deliver()
  expect(digestKeys()).toEqual([])
  stand.account.parts.clock.set(from)
  await trail().send(new UpdateTrailCommand({ Name: trailArn(region), EnableLogFileValidation: true }))
  expect((await trail().send(new DescribeTrailsCommand({}))).trailList?.[0]?.LogFileValidationEnabled).toBe(true)
  moveTo(from + 600_000)
  moveTo(from + 3 * hourMs)
  expect(digestKeys().map((key) => key.slice(-24, -8))).toEqual([
    '20261120T070000Z',
    '20261120T080000Z',
    '20261120T090000Z',
  ])
  expect(digestKeys('eu-west-1')).toEqual([])
  const docs = digestKeys().map(read)
  expect(docs.map(({ doc }) => doc.logFiles.length)).toEqual([1, 0, 0])
  expect(docs[0]?.doc).toMatchObject({
    awsAccountId: accountId,
    digestStartTime: '2026-11-20T06:00:00Z',
    previousDigestS3Object: null,
    previousDigestSignature: null,
  })
  expect(docs[1]?.doc).toMatchObject({
    newestEventTime: null,
    oldestEventTime: null,
    digestStartTime: '2026-11-20T07:00:00Z',
  })
  expect(docs[1]?.doc).toMatchObject({
    previousDigestHashValue: docs[0]?.hash,
    previousDigestSignature: docs[0]?.metadata['signature'],
    previousDigestS3Object: digestKeys()[0],
  })
})

test('a digest verifies with the key that ListPublicKeys gives, which its region alone has', async () => {
  const window = { StartTime: new Date(from), EndTime: new Date(from + 5 * hourMs) }
  const { PublicKeyList = [] } = await trail().send(new ListPublicKeysCommand(window))
  const [key = ''] = digestKeys()
  const { doc, hash, metadata } = read(key)
  const listed = PublicKeyList.find(({ Fingerprint }) => Fingerprint === doc.digestPublicKeyFingerprint)
  const der = Buffer.from(listed?.Value ?? [])
  expect(createHash('md5').update(der).digest('hex')).toBe(doc.digestPublicKeyFingerprint)
  const text = `${doc.digestEndTime}\n${doc.digestS3Bucket}/${doc.digestS3Object}\n${hash}\nnull`
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'pkcs1' })
  expect(verify('sha256', Buffer.from(text), publicKey, Buffer.from(metadata['signature'] ?? '', 'hex'))).toBe(true)
  expect((await trailIn('eu-west-1').send(new ListPublicKeysCommand(window))).PublicKeyList).toEqual([])
  const before = { StartTime: new Date(from - 9 * hourMs), EndTime: new Date(from - hourMs) }
  expect((await trail().send(new ListPublicKeysCommand(before))).PublicKeyList).toEqual([])
})

test('a stopped trail gets a final digest, a started one begins a new chain; what was delivered between is backfilled', async () => {
  moveTo(from + 3.5 * hourMs)
  await trail().send(new StopLoggingCommand({ Name: trailArn(region) }))
  moveTo(from + 3.5 * hourMs + 5_000)
  const final = digestKeys().at(-1) ?? ''
  expect(read(final).doc).toMatchObject({
    digestStartTime: '2026-11-20T09:00:00Z',
    digestEndTime: '2026-11-20T09:30:06Z',
  })
  expect(read(final).doc.logFiles).toHaveLength(1)
  moveTo(from + 6 * hourMs)
  expect(digestKeys().at(-1)).toBe(final)
  await trail().send(new StartLoggingCommand({ Name: trailArn(region) }))
  moveTo(from + 7 * hourMs)
  expect(read(digestKeys().at(-1) ?? '').doc).toMatchObject({
    digestStartTime: '2026-11-20T12:00:00Z',
    previousDigestS3Object: null,
  })
  const forgotten = `AWSLogs/${accountId}/CloudTrail/${region}/2026/11/20/${accountId}_CloudTrail_${region}_20261120T1010Z_aaaaaaaaaaaaaaaa.json.gz`
  const [someLog = ''] = read(digestKeys()[0] ?? '').doc.logFiles.map((file: { s3Object: string }) => file.s3Object)
  stand.account.parts.store.put(Bucket, forgotten, stand.account.parts.store.get(Bucket, someLog))
  const late = stand.account.parts.digests.backfill(region, from + 8 * hourMs)
  expect(late.map((key) => key.slice(-33, -8))).toEqual(['20261120T110000Z_backfill'])
  expect(read(late[0] ?? '').metadata['backfill-generation-timestamp']).toBe('2026-11-20T14:00:00Z')
})

test('a new key signs from then on, and the one before is still listed', async () => {
  stand.account.parts.signingKeys.rotate(region, from + 8 * hourMs)
  moveTo(from + 9 * hourMs)
  const prints = digestKeys().map((key) => read(key).doc.digestPublicKeyFingerprint)
  expect(new Set(prints).size).toBe(2)
  const window = { StartTime: new Date(from), EndTime: new Date(from + 9 * hourMs) }
  const { PublicKeyList = [] } = await trail().send(new ListPublicKeysCommand(window))
  expect(PublicKeyList.map(({ Fingerprint }) => Fingerprint).sort()).toEqual([...new Set(prints)].sort())
  stand.account.parts.clock.release()
})

test('an account that was off catches up by the hour, and then goes on in its period; a restart ends the old chain where it stopped', async () => {
  const other = await testAccount({ digests: { periodMs: 30_000 } })
  const { clock, digests, store } = other.account.parts
  const ends = () =>
    store.keys(Bucket, `AWSLogs/${accountId}/CloudTrail-Digest/${region}/`).map((key) => key.slice(-15, -8))
  const begun = Math.floor(Date.now() / 1_000) * 1_000
  clock.set(begun + 2.5 * hourMs)
  other.account.deliver()
  expect(ends()).toHaveLength(3)
  clock.set(begun + 2.5 * hourMs + 60_000)
  other.account.deliver()
  expect(ends()).toHaveLength(5)
  digests.end(region, begun + 2.5 * hourMs + 70_000)
  digests.begin(region, begun + 3 * hourMs)
  const last = store.keys(Bucket, `AWSLogs/${accountId}/CloudTrail-Digest/${region}/`).at(-1) ?? ''
  const { digestEndTime } = JSON.parse(gunzipSync(store.get(Bucket, last)).toString('utf8'))
  expect(Date.parse(digestEndTime)).toBe(begun + 2.5 * hourMs + 70_000)
  await other.close()
})

test('user metadata comes back with an object', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'note', Body: 'x', Metadata: { origin: 'here' } }))
  expect((await s3.send(new GetObjectCommand({ Bucket, Key: 'note' }))).Metadata).toEqual({ origin: 'here' })
  await s3.send(new PutObjectCommand({ Bucket, Key: 'note', Body: 'y' }))
  expect((await s3.send(new GetObjectCommand({ Bucket, Key: 'note' }))).Metadata).toEqual({})
})
