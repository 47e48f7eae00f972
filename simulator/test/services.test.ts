import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BedrockClient,
  DeleteModelInvocationLoggingConfigurationCommand,
  GetModelInvocationLoggingConfigurationCommand,
  ListInferenceProfilesCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock'
import {
  CloudTrailClient,
  GetTrailStatusCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trailArn } from '../src/account/cloudtrail-service.ts'
import { accessKeys, buckets, directRoleArn, gatewayRoleArn } from '../src/account/estate.ts'
import { signRequest } from '../src/account/sigv4.ts'
import { type Account, startAccount } from '../src/account/start-account.ts'

// AWS's own clients are the oracle: what they sign is accepted, what they read is well-formed.

const dir = mkdtempSync(join(tmpdir(), 'simulator-services-'))
let account: Account
let options: { region: string; endpoint: string; credentials: (typeof accessKeys)['gateway'] }
beforeAll(async () => {
  account = await startAccount({ dataDir: dir, seed: 5 })
  options = { region: 'us-east-1', endpoint: account.url, credentials: accessKeys.gateway }
})
afterAll(async () => {
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

const invokePath = '/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke'
const body = Buffer.from(
  JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 20,
    messages: [{ role: 'user', content: 'hi' }],
  }),
)

async function signed(
  change: { key?: { accessKeyId: string; secretAccessKey: string }; at?: number; path?: string; body?: Buffer } = {},
) {
  const headers = { host: new URL(account.url).host, 'content-type': 'application/json' }
  const made = signRequest(
    { method: 'POST', url: invokePath, headers, body },
    change.key ?? accessKeys.laptop,
    { region: 'us-east-1', service: 'bedrock' },
    change.at ?? Date.now(),
  )
  const answer = await fetch(`${account.url}${change.path ?? invokePath}`, {
    method: 'POST',
    headers: made,
    body: change.body ?? body,
  })
  return { status: answer.status, error: answer.headers.get('x-amzn-errortype')?.split(':')[0] }
}

test('a signature is accepted as it was made, and refused when key, secret, time, path or body differ', async () => {
  expect(await signed()).toEqual({ status: 200, error: undefined })
  expect(await signed({ key: { accessKeyId: 'AKIANOBODY0000000000', secretAccessKey: 'x' } })).toEqual({
    status: 403,
    error: 'UnrecognizedClientException',
  })
  expect(await signed({ key: { ...accessKeys.laptop, secretAccessKey: 'wrong' } })).toEqual({
    status: 403,
    error: 'InvalidSignatureException',
  })
  expect(await signed({ at: Date.now() - 6 * 60_000 })).toEqual({ status: 403, error: 'InvalidSignatureException' })
  expect(await signed({ path: invokePath.replace('/invoke', '/converse') })).toEqual({
    status: 403,
    error: 'InvalidSignatureException',
  })
  expect(await signed({ body: Buffer.from(body.toString().replace('hi', 'ho')) })).toEqual({
    status: 403,
    error: 'InvalidSignatureException',
  })
})

test('AssumeRole gives a session that signs, with tags and source identity in the trail and no secret', async () => {
  const sts = new STSClient(options)
  const answer = await sts.send(
    new AssumeRoleCommand({
      RoleArn: gatewayRoleArn,
      RoleSessionName: 'p0123456789',
      SourceIdentity: 'p0123456789',
      Tags: [{ Key: 'team', Value: 'payments' }],
      DurationSeconds: 900,
    }),
  )
  expect(answer.AssumedRoleUser?.Arn).toBe('arn:aws:sts::111122223333:assumed-role/TriptychInvoke/p0123456789')
  const credentials = {
    accessKeyId: answer.Credentials?.AccessKeyId ?? '',
    secretAccessKey: answer.Credentials?.SecretAccessKey ?? '',
    sessionToken: answer.Credentials?.SessionToken ?? '',
  }
  expect((await new STSClient({ ...options, credentials }).send(new GetCallerIdentityCommand({}))).Arn).toContain(
    '/p0123456789',
  )
  const withoutToken = { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey }
  await expect(
    new STSClient({ ...options, credentials: withoutToken }).send(new GetCallerIdentityCommand({})),
  ).rejects.toThrow()
  account.deliverAll()
  const event = (await trailRecords()).find((record) => record['eventName'] === 'AssumeRole')
  expect(event).toMatchObject({
    readOnly: true,
    requestParameters: { sourceIdentity: 'p0123456789', tags: [{ key: 'team', value: 'payments' }] },
    responseElements: { credentials: { accessKeyId: credentials.accessKeyId } },
  })
  expect(JSON.stringify(event)).not.toContain(credentials.secretAccessKey)
})

test('AssumeRole refuses a session name that STS would refuse, and a role that does not exist', async () => {
  const sts = new STSClient(options)
  for (const name of ['x', 'with space', 'a/b', 'n'.repeat(65)]) {
    await expect(
      sts.send(new AssumeRoleCommand({ RoleArn: gatewayRoleArn, RoleSessionName: name })),
      name,
    ).rejects.toThrow()
  }
  await expect(
    sts.send(
      new AssumeRoleCommand({ RoleArn: directRoleArn.replace('CodeReview', 'Other'), RoleSessionName: 'alice' }),
    ),
  ).rejects.toMatchObject({ name: 'AccessDenied' })
})

test('S3 keeps what was put, lists in pages and in order, and says what is not there', async () => {
  const s3 = new S3Client({ ...options, forcePathStyle: true })
  const Bucket = buckets.invocations
  const bytes = Buffer.from('body ä '.repeat(1000))
  for (const key of ['t/a b+c.json', 't/b/1', 't/b/2', 't/b/3', 'u/x'])
    await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: bytes }))
  const keys: string[] = []
  let token: string | undefined
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 't/', MaxKeys: 2, ContinuationToken: token }))
    keys.push(...(page.Contents ?? []).map((object) => object.Key ?? ''))
    token = page.NextContinuationToken
  } while (token !== undefined)
  expect(keys).toEqual(['t/a b+c.json', 't/b/1', 't/b/2', 't/b/3'])
  expect(
    (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 't/', StartAfter: 't/b/1' }))).Contents?.map(
      (object) => object.Key,
    ),
  ).toEqual(['t/b/2', 't/b/3'])
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 't/a b+c.json' }))
  expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true)
  const part = await s3.send(new GetObjectCommand({ Bucket, Key: 't/b/1', Range: 'bytes=0-3' }))
  expect(await part.Body?.transformToString()).toBe('body')
  expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 't/b/1' }))).ContentLength).toBe(bytes.length)
  await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'nowhere' }))).rejects.toMatchObject({ name: 'NoSuchKey' })
})

test('while a trail is stopped nothing is written; stopping is its last event and starting its first', async () => {
  const trail = new CloudTrailClient({ ...options, region: 'eu-west-1' })
  const Name = trailArn('eu-west-1')
  const call = () =>
    new STSClient({ ...options, region: 'eu-west-1' }).send(
      new AssumeRoleCommand({ RoleArn: gatewayRoleArn, RoleSessionName: 'stopped' }),
    )
  await trail.send(new StopLoggingCommand({ Name }))
  expect((await trail.send(new GetTrailStatusCommand({ Name }))).IsLogging).toBe(false)
  await call()
  await trail.send(new StartLoggingCommand({ Name }))
  expect((await trail.send(new GetTrailStatusCommand({ Name }))).IsLogging).toBe(true)
  account.deliverAll()
  const names = (await trailRecords())
    .filter((record) => record['awsRegion'] === 'eu-west-1')
    .map((record) => record['eventName'])
  expect(new Set(names)).toEqual(new Set(['StopLogging', 'StartLogging']))
})

test('invocation logging is put, read and deleted, with the empty objects AWS checks its permission by', async () => {
  const bedrock = new BedrockClient({ ...options, region: 'eu-west-1' })
  expect((await bedrock.send(new GetModelInvocationLoggingConfigurationCommand({}))).loggingConfig).toBeUndefined()
  await bedrock.send(
    new PutModelInvocationLoggingConfigurationCommand({
      loggingConfig: { s3Config: { bucketName: buckets.invocations }, textDataDeliveryEnabled: true },
    }),
  )
  expect(
    (await bedrock.send(new GetModelInvocationLoggingConfigurationCommand({}))).loggingConfig?.s3Config?.bucketName,
  ).toBe(buckets.invocations)
  const checks = account.parts.store
    .list(buckets.invocations, '')
    .filter((object) => object.key.endsWith('amazon-bedrock-logs-permission-check'))
  expect(checks.map((object) => object.bytes)).toEqual([0, 0])
  await bedrock.send(new DeleteModelInvocationLoggingConfigurationCommand({}))
  expect((await bedrock.send(new GetModelInvocationLoggingConfigurationCommand({}))).loggingConfig).toBeUndefined()
  expect(
    (await bedrock.send(new ListInferenceProfilesCommand({}))).inferenceProfileSummaries?.[0]?.inferenceProfileId,
  ).toMatch(/^eu\.anthropic\./)
})

async function trailRecords(): Promise<Record<string, unknown>[]> {
  const { gunzipSync } = await import('node:zlib')
  return account.parts.store
    .list(buckets.trail, '')
    .flatMap((object) => JSON.parse(gunzipSync(account.parts.store.get(buckets.trail, object.key)).toString()).Records)
}
