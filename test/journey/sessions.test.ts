import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { callsSchema } from '../../src/app/api/schema/call.ts'
import { conversationSchema, sessionsSchema } from '../../src/app/api/schema/conversation.ts'
import { linkSchema } from '../../src/app/api/schema/operate.ts'
import { connectHub } from '../../src/app/cli/hub-client.ts'
import type { RunningHub } from '../../src/app/compose/hub.ts'
import { claudeSession } from '../fakes/claude-session.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// A conversation through the gateway, as a client holds it, read as one by somebody who may.

const session = '0a1b2c3d-0000-4000-8000-0123456789ab'
let stand: Stand
let hub: RunningHub
const asked: Record<string, unknown>[] = []

beforeAll(async () => {
  stand = await startStand()
  hub = await stand.startHub()
  await hub.runOnce()
  for (const name of ['alice', 'bob']) {
    const token = await stand.token(name)
    for (const { request } of claudeSession(3, session, name === 'alice' ? 5 : 1)) {
      if (name === 'alice') asked.push(request)
      const { thinking: _thinking, ...body } = request
      await call(token, body)
    }
  }
  stand.account.deliverAll()
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  await hub.runOnce()
  await hub.runOnce()
})
afterAll(async () => {
  await hub.close()
  await stand.close()
})

async function call(token: string, body: object): Promise<void> {
  const answer = await fetch(
    `${stand.gateway.url}/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke-with-response-stream`,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-claude-code-session-id': session,
      },
      body: JSON.stringify(body),
    },
  )
  expect(answer.status).toBe(200)
  await answer.arrayBuffer()
}

async function signIn(role: string): Promise<Record<string, string>> {
  const client = await connectHub(stand.config)
  let link = ''
  for await (const answer of client.post('/session/links', { roles: [role] })) link = linkSchema.parse(answer).link
  await client.close()
  const headers = { 'content-type': 'application/json', 'x-triptych-csrf': '1' }
  const answer = await fetch(`${hub.consoleUrl}/api/v1/session`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ link }),
  })
  return { ...headers, cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}

async function sessions() {
  const client = await connectHub(stand.config)
  const answer = sessionsSchema.parse(await client.get('/sessions'))
  await client.close()
  return answer.sessions
}

async function show(answer: Response) {
  const text = await answer.text()
  if (!answer.ok) throw new TypeError(text)
  return conversationSchema.parse(JSON.parse(text))
}

async function converse(headers: Record<string, string>, who: string, more: object = {}): Promise<Response> {
  return fetch(`${hub.consoleUrl}/api/v1/sessions/${session}/conversation`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ kind: 'audit', text: 'quarterly review of one session', who, ...more }),
  })
}

test('a session id that two people claim is two sessions, each with its own calls', async () => {
  const found = await sessions()
  expect(found.map(({ calls, withContent }) => ({ calls, withContent })).sort((a, b) => a.calls - b.calls)).toEqual([
    { calls: 1, withContent: 1 },
    { calls: 5, withContent: 5 },
  ])
  const client = await connectHub(stand.config)
  const { calls } = callsSchema.parse(await client.get(`/calls?session=${session}`))
  await client.close()
  expect(calls).toHaveLength(6)
  expect(new Set(calls.map((one) => one.alias)).size).toBe(2)
})

test('who may read content reads each turn once, and the read is a record before it is shown', async () => {
  const who = (await sessions()).find(({ calls }) => calls === 5)?.who ?? ''
  const answer = await show(await converse(await signIn('content'), who))
  expect(answer.calls).toBe(5)
  expect(answer.entries.map(({ missing }) => missing)).toEqual([[], [], [], [], []])
  expect(answer.entries[0]).toMatchObject({ history: 'begins', repeated: 0, tools: expect.arrayContaining(['Tool3']) })
  expect(answer.entries[0]?.system).toHaveLength(3)
  // The simulated model answers otherwise than the made-up client remembers: of each call its own last two turns are new.
  for (const entry of answer.entries.slice(1)) {
    expect(entry).toMatchObject({ history: 'goes_on', system: null, tools: null })
    expect(entry.added.map(({ role }) => role)).toEqual(['assistant', 'user'])
  }
  const text = JSON.stringify(answer.entries)
  const messages = z.array(z.object({ content: z.array(z.looseObject({})) })).parse(asked.at(-1)?.['messages'])
  const said = String(messages[0]?.content[0]?.['text'])
  expect(text.split(JSON.stringify(said).slice(1, -1))).toHaveLength(2)
  const acts = (await journalOf(stand.dataDir, 'hub')).filter(({ type }) => type === 'sensitive.read')
  expect(acts.map(({ body }) => body)).toEqual([
    expect.objectContaining({ what: 'content', alias: who, call: '', session, reason: 'audit' }),
  ])
})

test('an answer goes on from the call that was asked for, and what was said before is not said again', async () => {
  const who = (await sessions()).find(({ calls }) => calls === 5)?.who ?? ''
  const answer = await show(await converse(await signIn('content'), who, { from: 3 }))
  expect(answer).toMatchObject({ from: 3, next: null })
  expect(answer.entries.map(({ repeated }) => repeated)).toEqual([5, 7])
})

test('nobody else reads it, and what is not there is said', async () => {
  const who = (await sessions())[0]?.who ?? ''
  expect((await converse(await signIn('viewer'), who)).status).toBe(403)
  expect((await converse(await signIn('content'), 'p00000000000000000009')).status).toBe(404)
})
