import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { distribute, type Laptop, laptop, runProcess } from '../../signin/test/laptop.ts'
import { clientId, type OidcServer, resource, startOidcServer } from '../../signin/test/oidc-server.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// A developer's laptop, a real OpenID provider, the gateway: what the helper prints is what the gateway takes.

const program = join(import.meta.dirname, '../../bin/triptych.js')
let server: OidcServer
let stand: Stand
let alice: Laptop

beforeAll(async () => {
  server = await startOidcServer()
  stand = await startStand({ gateway: { identity: { oidc: [{ issuer: server.issuer, audience: resource }] } } })
  alice = laptop('alice')
  distribute(alice, { issuer: server.issuer, client_id: clientId, scope: 'openid call', resource })
})
afterAll(async () => {
  alice.remove()
  await stand.close()
  await server.close()
})

const call = (token: string) =>
  fetch(`${stand.gateway.url}/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'hello' }],
    }),
  })

test('before the sign-in the helper says one sentence that names this command', async () => {
  expect(await runProcess(alice, ['token'], program)).toEqual({
    code: 1,
    out: '',
    err: 'Not signed in: run `triptych login`.\n',
  })
})

test('the token that the helper prints is a person to the gateway, also after a refresh, and the same one', async () => {
  server.tokenSeconds = 30
  expect(await alice.run('login')).toBe(0)
  server.tokenSeconds = 3600
  const refreshed = await runProcess(alice, ['token'], program)
  const cached = await runProcess(alice, ['token'])
  expect(refreshed).toEqual({ code: 0, out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/), err: '' })
  expect(cached).toEqual(refreshed)
  for (const { out } of [refreshed, cached]) expect((await call(out.trim())).status).toBe(200)
  expect((await call(`${refreshed.out.trim().slice(0, -6)}AAAAAA`)).status).toBe(401)
  const intents = async () => (await journalOf(stand.dataDir)).filter(({ type }) => type === 'call.intent')
  await expect.poll(async () => (await intents()).length, { timeout: 5_000 }).toBe(2)
  expect(new Set((await intents()).map(({ body }) => body['alias'])).size).toBe(1)
})

test('signed out from the main program, the laptop has no token any more', async () => {
  expect(await runProcess(alice, ['logout'], program)).toMatchObject({ code: 0, out: '' })
  expect(server.granted).toContain('revocation')
  expect((await runProcess(alice, ['token'], program)).code).toBe(1)
})
