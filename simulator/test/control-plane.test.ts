import {
  BedrockClient,
  DeleteModelInvocationLoggingConfigurationCommand,
  GetInferenceProfileCommand,
  GetModelInvocationLoggingConfigurationCommand,
  ListInferenceProfilesCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock'
import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trailArn } from '../src/account/cloudtrail-service.ts'
import { accessKeys, buckets, leakedApiKey } from '../src/account/estate.ts'
import {
  clientOptions,
  invocationRecords,
  invokeBody,
  model,
  type TestAccount,
  testAccount,
  trailRecords,
} from './kit.ts'

const european = 'eu-west-1'
let stand: TestAccount
let trail: CloudTrailClient
let bedrock: BedrockClient
beforeAll(async () => {
  stand = await testAccount()
  trail = new CloudTrailClient(clientOptions(stand.account, european))
  bedrock = new BedrockClient(clientOptions(stand.account, european))
})
afterAll(() => stand.close())

const invoke = (region: string) =>
  new BedrockRuntimeClient({ ...clientOptions(stand.account, region), credentials: accessKeys.laptop }).send(
    new InvokeModelCommand({ modelId: model.replace('us.', 'eu.'), body: invokeBody('control') }),
  )
const logging = async () => (await bedrock.send(new GetModelInvocationLoggingConfigurationCommand({}))).loggingConfig
const put = (s3Config: { bucketName: string; keyPrefix?: string }) =>
  bedrock.send(
    new PutModelInvocationLoggingConfigurationCommand({ loggingConfig: { s3Config, textDataDeliveryEnabled: true } }),
  )

test('a trail describes itself: its bucket, its region, all management events', async () => {
  const { trailList } = await trail.send(new DescribeTrailsCommand({}))
  expect(trailList).toMatchObject([{ TrailARN: trailArn(european), HomeRegion: european, S3BucketName: buckets.trail }])
  const selectors = await trail.send(new GetEventSelectorsCommand({ TrailName: trailArn(european) }))
  expect(selectors.EventSelectors).toMatchObject([{ ReadWriteType: 'All', IncludeManagementEvents: true }])
  await expect(trail.send(new GetTrailStatusCommand({ Name: 'nobody' }))).rejects.toMatchObject({
    name: 'TrailNotFoundException',
  })
})

test('a stopped trail writes nothing of its region, says so, and leaves the others alone', async () => {
  const Name = trailArn(european)
  expect((await trail.send(new GetTrailStatusCommand({ Name }))).IsLogging).toBe(true)
  const before = (await invoke(european)).$metadata.requestId
  await trail.send(new StopLoggingCommand({ Name }))
  const status = await trail.send(new GetTrailStatusCommand({ Name }))
  expect([status.IsLogging, status.StopLoggingTime instanceof Date]).toEqual([false, true])
  const during = (await invoke(european)).$metadata.requestId
  const elsewhere = (await invoke('us-east-1')).$metadata.requestId
  await trail.send(new StartLoggingCommand({ Name }))
  const after = (await invoke(european)).$metadata.requestId
  const records = trailRecords(stand.account)
  const seen = [before, during, elsewhere, after].map((id) => records.some((one) => one['requestID'] === id))
  // What was pending when the trail was stopped is still delivered.
  expect(seen).toEqual([true, false, true, true])
  expect(records.find((one) => one['eventName'] === 'StopLogging')).toMatchObject({
    eventSource: 'cloudtrail.amazonaws.com',
    readOnly: false,
    requestParameters: { name: Name },
    responseElements: null,
  })
})

test('stopping a trail that is not there fails, and the attempt is in the trail', async () => {
  await expect(trail.send(new StopLoggingCommand({ Name: 'no-such-trail' }))).rejects.toMatchObject({
    name: 'TrailNotFoundException',
  })
  expect(trailRecords(stand.account).find((one) => one['errorCode'] === 'TrailNotFoundException')).toMatchObject({
    eventName: 'StopLogging',
    requestParameters: { name: 'no-such-trail' },
    responseElements: null,
  })
})

test('the time of the last delivery is when a file was last written', async () => {
  const Name = trailArn(european)
  await invoke(european)
  stand.account.deliverAll()
  const first = (await trail.send(new GetTrailStatusCommand({ Name }))).LatestDeliveryTime?.getTime() ?? 0
  expect(Math.abs(first - Date.now())).toBeLessThan(5_000)
  stand.account.parts.clock.set(Date.now() + 120_000)
  const later = (
    await new CloudTrailClient({ ...clientOptions(stand.account, european), systemClockOffset: 120_000 }).send(
      new GetTrailStatusCommand({ Name }),
    )
  ).LatestDeliveryTime?.getTime()
  stand.account.parts.clock.release()
  expect(later).toBe(first)
})

test('invocation logging goes where its configuration says, prefix included', async () => {
  await put({ bucketName: buckets.invocations, keyPrefix: 'claude/logs' })
  expect((await logging())?.s3Config).toEqual({ bucketName: buckets.invocations, keyPrefix: 'claude/logs' })
  const checks = stand.account.parts.store.list(buckets.invocations, 'claude/logs/AWSLogs/')
  expect(checks.map((object) => [object.key.split('/').slice(-1)[0], object.bytes])).toEqual([
    ['amazon-bedrock-logs-permission-check', 0],
    ['amazon-bedrock-logs-permission-check', 0],
  ])
  const id = (await invoke(european)).$metadata.requestId
  // The configuration is gone when the record is delivered; it still goes where it was bound for.
  await bedrock.send(new DeleteModelInvocationLoggingConfigurationCommand({}))
  expect(invocationRecords(stand.account, 'claude/logs/AWSLogs/').map((one) => one['requestId'])).toEqual([id])
  const unlogged = (await invoke(european)).$metadata.requestId
  expect(invocationRecords(stand.account).map((one) => one['requestId'])).not.toContain(unlogged)
})

test('a configuration without its form, or for a bucket that is not there, changes nothing', async () => {
  await put({ bucketName: buckets.invocations })
  await expect(put({ bucketName: 'somebody-elses-bucket' })).rejects.toMatchObject({ name: 'ValidationException' })
  await expect(put({ bucketName: '' })).rejects.toMatchObject({ name: 'ValidationException' })
  const empty = await fetch(`${stand.account.url}/logging/modelinvocations`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${leakedApiKey.token}` },
    body: '{}',
  })
  expect(empty.status).toBe(400)
  expect((await logging())?.s3Config?.bucketName).toBe(buckets.invocations)
})

test('putting and deleting the configuration are events of the trail', async () => {
  await put({ bucketName: buckets.invocations })
  await bedrock.send(new DeleteModelInvocationLoggingConfigurationCommand({}))
  const records = trailRecords(stand.account)
  expect(records.find((one) => one['eventName'] === 'PutModelInvocationLoggingConfiguration')).toMatchObject({
    readOnly: false,
    requestParameters: { loggingConfig: { s3Config: { bucketName: buckets.invocations } } },
  })
  expect(records.find((one) => one['eventName'] === 'DeleteModelInvocationLoggingConfiguration')).toMatchObject({
    readOnly: false,
    requestParameters: null,
    tlsDetails: { clientProvidedHostHeader: 'bedrock.eu-west-1.amazonaws.com' },
  })
})

test('an API key opens the control plane too, and the trail says that it was one', async () => {
  const answer = await fetch(`${stand.account.url}/logging/modelinvocations`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${leakedApiKey.token}` },
  })
  expect(answer.status).toBe(200)
  expect(
    trailRecords(stand.account).find((one) => one['requestID'] === answer.headers.get('x-amzn-requestid')),
  ).toMatchObject({
    eventName: 'DeleteModelInvocationLoggingConfiguration',
    additionalEventData: { callWithBearerToken: true },
    userIdentity: { userName: leakedApiKey.userName },
  })
})

test('inference profiles are listed by type, and an opaque one is resolved by asking for it', async () => {
  const ofType = async (typeEquals?: 'SYSTEM_DEFINED' | 'APPLICATION') =>
    (await bedrock.send(new ListInferenceProfilesCommand({ typeEquals }))).inferenceProfileSummaries ?? []
  expect((await ofType()).every((profile) => profile.inferenceProfileId?.startsWith('eu.anthropic.'))).toBe(true)
  expect((await ofType('APPLICATION')).map((profile) => profile.inferenceProfileId)).toEqual(['a1b2c3d4e5f6'])
  const [first] = await ofType('APPLICATION')
  const one = await bedrock.send(
    new GetInferenceProfileCommand({ inferenceProfileIdentifier: first?.inferenceProfileArn }),
  )
  expect(one.models?.[0]?.modelArn).toMatch(/::foundation-model\/anthropic\.claude-sonnet-4-5/)
  await expect(
    bedrock.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: 'nobody' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})
