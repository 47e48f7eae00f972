import { createServer, type Server } from 'node:http'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// A real OpenID provider, not ours: discovery, key set and signed access tokens as it makes them.

const audience = 'https://gateway.example.com/triptych'
let server: Server
let issuer: string
let stand: Stand

beforeAll(async () => {
  server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const resource = { scope: 'call', audience, accessTokenTTL: 600, accessTokenFormat: 'jwt' as const }
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'laptop',
        client_secret: 'only-in-this-test',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: () => resource },
    },
    extraTokenClaims: () => ({ team: 'security', project: 'red-team' }),
  })
  server.on('request', provider.callback())
  stand = await startStand({ gateway: { identity: { oidc: [{ issuer, audience }] } } })
})
afterAll(async () => {
  await stand.close()
  server.close()
})

async function accessToken(): Promise<string> {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('laptop:only-in-this-test').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'call', resource: audience }),
  })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  return token
}

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

test('a token of a real OpenID provider is verified by its own key set, and its claims attribute the call', async () => {
  expect((await call(await accessToken())).status).toBe(200)
  // An outcome is written a moment after the answer.
  const outcome = async () => (await journalOf(stand.dataDir)).findLast((line) => line.type === 'call.outcome')?.body
  await expect.poll(outcome, { timeout: 5_000 }).toMatchObject({
    credential: 'oidc',
    team: 'security',
    project: 'red-team',
    attribution: 'claim',
    result: 'success',
  })
})

test('two tokens of one person are one alias; the same token with a changed signature is nobody', async () => {
  await call(await accessToken())
  const aliases = (await journalOf(stand.dataDir))
    .filter((line) => line.type === 'call.intent')
    .map((line) => line.body['alias'])
  expect(new Set(aliases).size).toBe(1)
  expect((await call(`${(await accessToken()).slice(0, -6)}AAAAAA`)).status).toBe(401)
})
