import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// What the people who run it see: metrics, a line for each call, and nothing of what was said in either.

const canary = 'CANARY-5f0c77'
const haiku = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
let stand: Stand

beforeAll(async () => {
  stand = await startStand({ gateway: { metrics: '127.0.0.1:0' } })
})
afterAll(() => stand.close())

const call = async (more: Record<string, string> = {}) =>
  fetch(`${stand.gateway.url}/model/${haiku}/invoke?q=${canary}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await stand.token()}`,
      'x-claude-code-session-id': canary,
      'user-agent': canary,
      [`x-${canary}`]: canary,
      ...more,
    },
    body: JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 50,
      messages: [{ role: 'user', content: canary }],
    }),
  })

test('metrics count calls, tokens, cost and refusals under closed labels; the log has a line for each call; neither says who or what', async () => {
  expect((await call()).status).toBe(200)
  expect((await call({ authorization: `Bearer ${canary}` })).status).toBe(401)
  expect((await fetch(`${stand.gateway.url}/inference-profiles?type=SYSTEM_DEFINED`)).status).toBe(401)
  await fetch(`${stand.gateway.url}/${canary}`)
  await expect.poll(async () => (await journalOf(stand.dataDir)).some(({ type }) => type === 'call.outcome')).toBe(true)
  const text = await (await fetch(stand.gateway.metricsUrl ?? '')).text()
  expect(text).toMatch(
    /triptych_gateway_calls_total\{operation="InvokeModel",dialect="bedrock",model="anthropic.claude-haiku-4-5-20251001-v1:0",result="success"\} 1/,
  )
  expect(text).toMatch(/triptych_gateway_refusals_total\{code="CREDENTIAL_INVALID"\} 1/)
  expect(text).toMatch(/triptych_gateway_other_requests_total\{kind="profiles",status="401"\} 1/)
  expect(text).toMatch(/triptych_gateway_tokens_total\{model="[^"]+",kind="input"\} [1-9]/)
  expect(text).toMatch(/triptych_gateway_cost_usd_total\{[^}]+\} 0\.0/)
  expect(text).toMatch(/triptych_gateway_journal_writable 1/)
  const lines = stand.log.filter((line) => line.includes('"gateway.call"')).map((line) => JSON.parse(line))
  expect(lines).toMatchObject([
    { operation: 'InvokeModel', result: 'success', inputTokens: expect.any(Number), durationMs: expect.any(Number) },
  ])
  const records = await journalOf(stand.dataDir)
  const alias = String(records.find(({ type }) => type === 'call.intent')?.body['alias'])
  for (const place of [text, stand.log.join('')]) {
    expect(place).not.toContain(canary)
    expect(place).not.toContain(alias)
    expect(place).not.toMatch(/alice|payments/)
  }
})
