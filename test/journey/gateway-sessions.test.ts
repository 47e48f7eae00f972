import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { callsSchema } from '../../src/app/api/schema/call.ts'
import { callDetailSchema } from '../../src/app/api/schema/call-detail.ts'
import { connectHub } from '../../src/app/cli/hub-client.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// AWS itself verifies whose token it is, and says so in CloudTrail.

const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
let stand: Stand

beforeAll(async () => {
  stand = await startStand({
    gateway: { sts: { mode: 'webIdentity', role: 'arn:aws:iam::111122223333:role/TriptychInvoke' } },
  })
})
afterAll(() => stand.close())

test('a session by the person’s own token is recorded, named by the alias, and the call is judged as any other', async () => {
  const token = await stand.token()
  const hub = await stand.startHub()
  await hub.runOnce()
  const answer = await fetch(`${stand.gateway.url}/model/${model}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'x' }],
    }),
  })
  expect(answer.status).toBe(200)
  const opened = (await journalOf(stand.dataDir)).find(({ type }) => type === 'session.opened')?.body
  expect(opened).toMatchObject({ openedBy: 'web_identity' })
  const session = stand.account.parts.state.state.sessions.find(
    ({ accessKeyId }) => accessKeyId === opened?.['accessKeyId'],
  )
  expect(session).toMatchObject({ sessionName: opened?.['alias'] })
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  stand.account.deliver()
  const client = await connectHub(stand.config)
  const rule = z.object({ field: z.string(), cells: z.object({ gateway: z.object({ text: z.string().optional() }) }) })
  await expect
    .poll(
      async () => {
        await hub.runOnce()
        const { calls } = callsSchema.parse(await client.get('/calls?since=1h'))
        return calls[0]?.verdict
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe('corroborated')
  const { calls } = callsSchema.parse(await client.get('/calls?since=1h'))
  const detail = callDetailSchema.parse(await client.get(`/calls/${calls[0]?.callId}`))
  const said = (field: string) => rule.parse(detail.fields.find((row) => row.field === field)).cells.gateway.text
  expect(said('rule')).toBe('gateway.models.allow (configuration)')
  expect(said('credentials')).toBe('a session of the person')
  expect(Number(said('cost'))).toBeGreaterThan(0)
  await client.close()
  await hub.close()
})
