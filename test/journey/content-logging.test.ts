import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentLoggingSchema } from '../../src/app/api/schema/content-logging.ts'
import { connectHub } from '../../src/app/cli/hub-client.ts'
import type { RunningHub } from '../../src/app/compose/hub.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// Invocation logging of the simulated account, switched by decision through the hub. us-east-1 keeps content, eu-west-1 none.

let stand: Stand
let hub: RunningHub
beforeAll(async () => {
  stand = await startStand()
  hub = await stand.startHub()
  await hub.runOnce()
})
afterAll(async () => {
  await hub.close()
  await stand.close()
})

async function status() {
  const client = await connectHub(stand.config)
  const answer = contentLoggingSchema.parse(await client.get('/content/logging'))
  await client.close()
  return Object.fromEntries(answer.regions.map((region) => [region.region, region]))
}

async function change(to: 'enable' | 'disable', body: object) {
  const client = await connectHub(stand.config)
  try {
    for await (const answer of client.post(`/content/logging/${to}`, {
      reason: 'quarterly review of what is logged',
      by: 'alice@example.com',
      ...body,
    }))
      return contentLoggingSchema.parse(answer)
    return undefined
  } finally {
    await client.close()
  }
}

const acts = async () => (await journalOf(stand.dataDir, 'hub')).filter(({ type }) => type === 'content.logging')

test('what the account does stands beside what the policy says, region by region', async () => {
  const found = await status()
  expect(found['us-east-1']).toMatchObject({
    account: '111122223333',
    policy: 'keep',
    decision: 'DR-1',
    state: 'on',
    wrong: [],
  })
  expect(found['eu-west-1']).toMatchObject({ policy: 'none', decision: '', state: 'off', wrong: [] })
})

test('what contradicts the policy is refused, and nothing is changed', async () => {
  const bucket = { bucket: 'some-logs' }
  await expect(change('enable', { region: 'eu-west-1', decision: 'DR-1', ...bucket })).rejects.toMatchObject({
    code: 'CONTENT_POLICY_CONFLICT',
  })
  await expect(change('disable', { region: 'us-east-1', decision: 'DR-1' })).rejects.toMatchObject({
    code: 'CONTENT_POLICY_CONFLICT',
  })
  await expect(change('enable', { region: 'us-east-1', decision: 'DR-9', ...bucket })).rejects.toMatchObject({
    code: 'CONTENT_POLICY_CONFLICT',
  })
  await expect(change('disable', { region: 'ap-south-1', decision: 'DR-1' })).rejects.toMatchObject({
    code: 'QUERY_INVALID',
  })
  expect(await acts()).toEqual([])
  expect((await status())['us-east-1']).toMatchObject({ state: 'on' })
})

test('logging that the policy forbids is said; switching it off is a record first, with who and why sealed', async () => {
  stand.account.parts.invocations.setConfig(
    'eu-west-1',
    { s3Config: { bucketName: 'triptych-sim-invocations' } },
    Date.now(),
  )
  expect((await status())['eu-west-1']?.wrong).toEqual([expect.stringContaining('every body found is a breach')])
  const after = await change('disable', { region: 'eu-west-1', decision: 'DR-2', until: '2027-06-30' })
  expect(after?.regions.find(({ region }) => region === 'eu-west-1')).toMatchObject({ state: 'off', wrong: [] })
  const [act] = await acts()
  expect(act?.body).toMatchObject({
    change: 'disabled',
    account: '111122223333',
    region: 'eu-west-1',
    decision: 'DR-2',
    until: '2027-06-30',
    who: 'socket-owner',
  })
  expect(JSON.stringify(act)).not.toContain('alice')
})

test('switching it on names a bucket for large bodies, and a snapshot of it is taken at once', async () => {
  stand.account.parts.invocations.setConfig('us-east-1', null, Date.now())
  const before = (await journalOf(stand.dataDir, 'hub')).filter(({ type }) => type === 'snapshot.taken').length
  const after = await change('enable', {
    region: 'us-east-1',
    decision: 'DR-1',
    bucket: 'triptych-sim-invocations',
    prefix: 'bedrock',
    cloudWatch: { logGroup: '/bedrock', roleArn: 'arn:aws:iam::111122223333:role/BedrockLogs' },
  })
  expect(after?.regions.find(({ region }) => region === 'us-east-1')).toMatchObject({
    state: 'on',
    bucket: 'triptych-sim-invocations',
    prefix: 'bedrock',
    logGroup: '/bedrock',
    wrong: [],
  })
  const snapshots = (await journalOf(stand.dataDir, 'hub')).filter(({ type }) => type === 'snapshot.taken')
  expect(snapshots.length).toBeGreaterThan(before)
})
