import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { BedrockClient, GetInferenceProfileCommand, ListInferenceProfilesCommand } from '@aws-sdk/client-bedrock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { personNamed } from '../../simulator/src/company/people.ts'
import { journalOf, type Stand, startStand, temporaryDir } from '../fakes/stand.ts'

// Who may use what, how much, and on what it is booked: a policy file before the real gateway.

const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const haiku = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const policyText = (version: string, more = '') => `
version: "${version}"
rules:
  - { name: payments, groups: [team-payments], models: ["anthropic.claude-sonnet-*"], maxTokens: 1000 }
  - { name: mobile, teams: [mobile], models: ["anthropic.claude-haiku-*"] }
attribution:
  - { groups: [claude-users], costCentre: "4711" }
limits:
  - { name: mobile-rpm, by: person, teams: [mobile], requestsPerMinute: 3 }
  - { name: payments-budget, by: team, teams: [payments], usdPerMonth: 1000000 }
${more}`
const policyFile = join(temporaryDir('policy'), 'policy.yaml')

let stand: Stand

beforeAll(async () => {
  writeFileSync(policyFile, policyText('1'))
  stand = await startStand({
    oidc: { choiceClaims: { project: 'projects' } },
    latency: { firstByteMs: [0, 5], chunkMs: [10, 15] },
    gateway: {
      policy: policyFile,
      models: { names: { 'claude-sonnet-4-5': sonnet, 'claude-haiku-4-5': haiku } },
    },
  })
})
afterAll(() => stand.close())

const body = (maxTokens = 300) => ({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: maxTokens,
  messages: [{ role: 'user' as const, content: 'hello' }],
})

const invoke = async (
  name: string,
  model: string,
  more: { body?: object; headers?: Record<string, string>; claims?: object } = {},
) =>
  fetch(`${stand.gateway.url}/model/${model}/invoke`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await stand.account.idp.token(personNamed(name), { claims: more.claims ?? {} })}`,
      ...more.headers,
    },
    body: JSON.stringify(more.body ?? body()),
  })

const records = async (type: string) =>
  (await journalOf(stand.dataDir)).filter((line) => line.type === type).map(({ body: said }) => said)
const lastOutcome = async () => {
  const before = (await records('call.intent')).length
  await expect.poll(async () => (await records('call.outcome')).length).toBe(before)
  return (await records('call.outcome')).at(-1)
}

test('each call’s record says which rule of which policy allowed it, on what it is booked and what says so, and what it cost', async () => {
  expect((await invoke('alice', sonnet)).status).toBe(200)
  expect(await lastOutcome()).toMatchObject({
    policy: expect.stringMatching(/^1@[0-9a-f]{12}$/),
    rule: 'payments',
    team: 'payments',
    attribution: 'claim',
    projectFrom: 'claim',
    costCentre: '4711',
    costCentreFrom: 'policy',
    limits: 'checked',
    costMicroUsd: expect.any(Number),
    pricesOf: '2026-11-24',
  })
})

test('another model, and more tokens than the ceiling, are refused with the rule, in the client’s shape', async () => {
  const other = await invoke('alice', haiku)
  expect(other.status).toBe(403)
  expect(other.headers.get('x-amzn-errortype')).toBe('AccessDeniedException')
  const tooMuch = await invoke('alice', sonnet, { body: body(1001) })
  expect(await tooMuch.json()).toMatchObject({
    message: expect.stringMatching(/GATEWAY_CEILING_REFUSED.*ceiling: 1000/s),
  })
  expect((await records('call.refused')).slice(-2)).toMatchObject([
    { code: 'GATEWAY_MODEL_REFUSED', rule: '', policy: expect.stringMatching(/^1@/) },
    { code: 'GATEWAY_CEILING_REFUSED', rule: 'payments' },
  ])
})

test('a header books a call on a project that the token lists; another is refused, and metadata outside is passed over', async () => {
  const claims = { projects: ['ledger-api', 'audit'] }
  await invoke('alice', sonnet, { claims, headers: { 'x-triptych-project': 'audit' } })
  expect(await lastOutcome()).toMatchObject({ project: 'audit', projectFrom: 'header' })
  const outside = await invoke('alice', sonnet, { claims, headers: { 'x-triptych-project': 'payroll' } })
  expect(outside.status).toBe(403)
  expect(await outside.text()).not.toContain('payroll')
  const metadata = (project: string) => ({ 'x-amzn-bedrock-request-metadata': JSON.stringify({ project }) })
  await invoke('alice', sonnet, { claims, headers: metadata('audit') })
  expect(await lastOutcome()).toMatchObject({ project: 'audit', projectFrom: 'metadata' })
  await invoke('alice', sonnet, { claims, headers: metadata('payroll') })
  expect(await lastOutcome()).toMatchObject({ project: 'ledger-api', projectFrom: 'claim' })
})

test('a limit warns near its end, then answers 429 with the seconds to wait, in either dialect', async () => {
  const statuses = []
  for (let i = 0; i < 3; i++) statuses.push(await invoke('grace', haiku))
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(statuses[2]?.headers.get('x-triptych-limits')).toBe('mobile-rpm 100%')
  const refused = await invoke('grace', haiku)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(refused.headers.get('x-amzn-errortype')).toBe('ThrottlingException')
  const anthropic = new Anthropic({ baseURL: stand.gateway.url, authToken: await stand.token('grace'), maxRetries: 0 })
  const { model: _model, ...asked } = { ...body(), model: '' }
  await expect(
    anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: asked.max_tokens, messages: asked.messages }),
  ).rejects.toMatchObject({
    status: 429,
    error: { error: { type: 'rate_limit_error' } },
  })
  expect((await records('call.refused')).at(-1)).toMatchObject({ code: 'GATEWAY_LIMIT_REACHED', rule: 'mobile-rpm' })
  // Another person has a count of their own.
  expect((await invoke('heidi', haiku)).status).toBe(200)
})

test('Anthropic’s SDK lists the models a person may use, and counts tokens, tools included', async () => {
  const anthropic = new Anthropic({ baseURL: stand.gateway.url, authToken: await stand.token('alice'), maxRetries: 0 })
  const listed = []
  for await (const model of anthropic.models.list()) listed.push(model.id)
  expect(listed).toEqual(['claude-sonnet-4-5'])
  expect(await anthropic.models.retrieve('claude-sonnet-4-5')).toMatchObject({ type: 'model' })
  await expect(anthropic.models.retrieve('claude-haiku-4-5')).rejects.toMatchObject({ status: 400 })
  const messages = [{ role: 'user' as const, content: 'How many tokens is this?' }]
  const tool = { name: 'read', description: 'reads a file. '.repeat(50), input_schema: { type: 'object' as const } }
  const plain = await anthropic.messages.countTokens({ model: 'claude-sonnet-4-5', messages })
  const withTool = await anthropic.messages.countTokens({ model: 'claude-sonnet-4-5', messages, tools: [tool] })
  expect(plain.input_tokens).toBeGreaterThan(0)
  expect(withTool.input_tokens).toBeGreaterThan(plain.input_tokens)
  expect(await lastOutcome()).toMatchObject({
    operation: 'CountTokens',
    result: 'success',
    inputTokens: withTool.input_tokens,
  })
})

test('AWS’s SDK lists the inference profiles a person may use, as their own session sees them', async () => {
  const bedrock = new BedrockClient({
    region: 'us-east-1',
    endpoint: stand.gateway.url,
    token: { token: await stand.token('alice') },
    authSchemePreference: ['httpBearerAuth'],
  })
  const { inferenceProfileSummaries = [] } = await bedrock.send(
    new ListInferenceProfilesCommand({ typeEquals: 'SYSTEM_DEFINED' }),
  )
  expect(inferenceProfileSummaries.length).toBeGreaterThan(0)
  for (const { inferenceProfileId } of inferenceProfileSummaries) expect(inferenceProfileId).toContain('claude-sonnet')
  const one = await bedrock.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: sonnet }))
  expect(one.inferenceProfileId).toBe(sonnet)
  await expect(
    bedrock.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: haiku })),
  ).rejects.toMatchObject({
    name: 'AccessDeniedException',
  })
})

test('a new policy comes into force without dropping a stream; a broken one is refused, recorded, and the old one stays', async () => {
  const token = await stand.token('alice')
  const streamed = fetch(`${stand.gateway.url}/model/${sonnet}/invoke-with-response-stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body(900)),
  })
  const answer = await streamed
  writeFileSync(policyFile, policyText('2').replace('team-payments', 'team-data'))
  await expect.poll(async () => (await records('policy.changed')).at(-1)?.['policy'], { timeout: 5_000 }).toMatch(/^2@/)
  expect((await invoke('alice', sonnet)).status).toBe(403)
  expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0)
  expect((await lastOutcome())?.['result']).toBe('success')
  writeFileSync(policyFile, `${policyText('3')}\nrules: [`)
  await expect.poll(async () => (await records('policy.changed')).at(-1)?.['state'], { timeout: 5_000 }).toBe('refused')
  expect((await records('policy.changed')).at(-1)).toMatchObject({
    code: 'POLICY_INVALID',
    policy: expect.stringMatching(/^2@/),
  })
  expect(stand.log.join('')).toContain('gateway.policy.refused')
  expect((await invoke('alice', sonnet)).status).toBe(403)
  expect((await invoke('judy', sonnet)).status).toBe(200)
})
