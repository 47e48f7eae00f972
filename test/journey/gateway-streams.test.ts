import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { people } from '../../simulator/src/company/people.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// A thousand people watch a slow answer at the same time, at one process.

const streams = 1_000
const haiku = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
let stand: Stand

beforeAll(async () => {
  stand = await startStand({
    gateway: { heartbeat: '1h' },
    latency: { firstByteMs: [4_000, 5_000], chunkMs: [150, 350] },
  })
})
afterAll(() => stand.close())

interface Watched {
  readonly status: number
  readonly bytes: number
  /** How long after the head the last byte came, ms. */
  readonly lastedMs: number
}

const watch = (token: string, n: number) =>
  new Promise<Watched>((resolve, reject) => {
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 150,
      messages: [{ role: 'user', content: `question ${n}` }],
    })
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const options = { method: 'POST', agent: false as const, headers }
    const url = `${stand.gateway.url}/model/${haiku}/invoke-with-response-stream`
    const outgoing = request(url, options, (answer) => {
      const began = performance.now()
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      answer.once('error', reject)
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, bytes, lastedMs: performance.now() - began }))
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })

test(`${streams} slow streams are open at once, none is held back or cut, and each has its outcome`, async () => {
  const tokens = await Promise.all(people.map((person) => stand.account.idp.token(person)))
  const open = () => stand.gateway.inFlight()
  let most = 0
  const look = setInterval(() => {
    most = Math.max(most, open())
  }, 50)
  const watched = await Promise.all(
    Array.from({ length: streams }, (_, n) => watch(tokens[n % tokens.length] ?? '', n)),
  )
  clearInterval(look)
  expect(watched.filter(({ status, bytes }) => status !== 200 || bytes < 500)).toEqual([])
  expect(most).toBeGreaterThan(streams * 0.8)
  // They came as they were made: an answer that was held back would have come at once.
  expect(watched.filter(({ lastedMs }) => lastedMs < 200)).toEqual([])
  const outcomes = async () => (await journalOf(stand.dataDir)).filter(({ type }) => type === 'call.outcome')
  await expect.poll(async () => (await outcomes()).length, { timeout: 20_000 }).toBe(streams)
  expect((await outcomes()).filter(({ body }) => body['result'] !== 'success' || body['complete'] !== true)).toEqual([])
})
