import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessKeys, accountId, directRoleArn, gatewayRoleArn } from '../src/account/estate.ts'
import { clientOptions, sessionOf, type TestAccount, testAccount, trailRecords } from './kit.ts'

let stand: TestAccount
let sts: STSClient
beforeAll(async () => {
  stand = await testAccount()
  sts = new STSClient(clientOptions(stand.account))
})
afterAll(() => stand.close())

const assume = (input: Partial<AssumeRoleCommandInput>, client = sts) =>
  client.send(new AssumeRoleCommand({ RoleArn: gatewayRoleArn, RoleSessionName: 'p01', ...input }))

test('any session name of STS’s characters and length is taken as it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[A-Za-z0-9_+=,.@-]{2,64}$/), async (name) => {
      const answer = await assume({ RoleSessionName: name })
      expect(answer.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${accountId}:assumed-role/TriptychInvoke/${name}`)
    }),
    { numRuns: 25 },
  )
})

test('source identity, duration and tags out of their form are validation errors', async () => {
  const wrong: readonly Partial<AssumeRoleCommandInput>[] = [
    { SourceIdentity: 'with space' },
    { SourceIdentity: 'x' },
    { DurationSeconds: 899 },
    { DurationSeconds: 3601 },
    { Tags: [{ Key: 'k'.repeat(129), Value: 'v' }] },
    { Tags: [{ Key: 'k', Value: 'v'.repeat(257) }] },
    { Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: 'v' })) },
  ]
  for (const input of wrong)
    await expect(assume(input), JSON.stringify(input)).rejects.toMatchObject({ name: 'ValidationError' })
})

test('a session expires when it was asked to', async () => {
  const before = Date.now()
  const answer = await assume({ DurationSeconds: 900 })
  const seconds = ((answer.Credentials?.Expiration?.getTime() ?? 0) - before) / 1000
  expect(seconds).toBeGreaterThan(898)
  expect(seconds).toBeLessThan(910)
})

test('the trail’s record of AssumeRole has what a genuine one has: tags, role, expiry in words, the token and no secret', async () => {
  const answer = await assume({
    RoleSessionName: 'recorded',
    SourceIdentity: 'recorded',
    Tags: [
      { Key: 'team', Value: 'payments' },
      { Key: 'project', Value: 'ledger' },
    ],
    TransitiveTagKeys: ['team'],
  })
  const text = answer.Credentials?.SecretAccessKey ?? 'none'
  const record = trailRecords(stand.account).find((one) => one['requestID'] === answer.$metadata.requestId)
  expect(record).toMatchObject({
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    readOnly: true,
    userIdentity: { type: 'IAMUser', userName: accessKeys.gateway.userName },
    requestParameters: {
      roleArn: gatewayRoleArn,
      roleSessionName: 'recorded',
      sourceIdentity: 'recorded',
      tags: [
        { key: 'team', value: 'payments' },
        { key: 'project', value: 'ledger' },
      ],
      transitiveTagKeys: ['team'],
    },
    responseElements: {
      credentials: {
        accessKeyId: answer.Credentials?.AccessKeyId,
        sessionToken: answer.Credentials?.SessionToken,
        expiration: expect.stringMatching(/^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d{2}:\d{2} [AP]M$/),
      },
      assumedRoleUser: { arn: answer.AssumedRoleUser?.Arn, assumedRoleId: answer.AssumedRoleUser?.AssumedRoleId },
    },
    resources: [{ accountId, type: 'AWS::IAM::Role', ARN: gatewayRoleArn }],
  })
  expect(JSON.stringify(record)).not.toContain(text)
  expect(JSON.stringify(record).toLowerCase()).not.toContain('secretaccesskey')
})

test('a session without tags has none in its record', async () => {
  const { $metadata } = await assume({ RoleSessionName: 'untagged' })
  const record = trailRecords(stand.account).find((one) => one['requestID'] === $metadata.requestId)
  expect(record).not.toHaveProperty('requestParameters.tags')
})

test('a role that may not be assumed is denied, and the denial is in the trail', async () => {
  const role = `arn:aws:iam::${accountId}:role/Administrator`
  const refused = await assume({ RoleArn: role }).catch((cause: unknown) => cause)
  expect(refused).toMatchObject({
    name: 'AccessDenied',
    $metadata: { httpStatusCode: 403, requestId: expect.any(String) },
  })
  const record = trailRecords(stand.account).find((one) => one['errorCode'] === 'AccessDenied')
  expect(record).toMatchObject({
    eventName: 'AssumeRole',
    responseElements: null,
    requestParameters: { roleArn: role },
  })
})

test('a source identity stays through chained roles and cannot be replaced', async () => {
  const credentials = await sessionOf(stand.account, 'first', 'p0123')
  const chained = new STSClient({ ...clientOptions(stand.account), credentials })
  expect((await assume({ RoleArn: directRoleArn, RoleSessionName: 'second' }, chained)).SourceIdentity).toBe('p0123')
  await expect(assume({ RoleArn: directRoleArn, SourceIdentity: 'p9999' }, chained)).rejects.toMatchObject({
    name: 'AccessDenied',
  })
})

test('GetCallerIdentity names user and session as the trail does', async () => {
  const user = await sts.send(new GetCallerIdentityCommand({}))
  expect(user).toMatchObject({ Account: accountId, Arn: `arn:aws:iam::${accountId}:user/triptych-gateway` })
  expect(user.UserId).toMatch(/^AIDA/)
  const credentials = await sessionOf(stand.account, 'who')
  const session = await new STSClient({ ...clientOptions(stand.account), credentials }).send(
    new GetCallerIdentityCommand({}),
  )
  expect(session.UserId).toMatch(/^AROA[A-Z0-9]+:who$/)
})
