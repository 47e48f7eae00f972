import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { personNamed } from '../../simulator/src/company/people.ts'
import { type RunningGateway, startGateway } from '../../src/app/compose/gateway.ts'
import { checkConfig } from '../../src/app/config.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { freePort } from '../fakes/free-port.ts'
import { journalOf, rawStandConfig, type Stand, startStand, temporaryDir } from '../fakes/stand.ts'

// Two gateways share their counts in a real Redis, which goes away and comes back.

const there = (process.env['PATH'] ?? '').split(delimiter).some((dir) => existsSync(join(dir, 'redis-server')))
if (!there) console.warn('no redis-server on the PATH: shared counts were not run')
test.runIf(process.env['CI'])('Redis is there where CI runs', () => expect(there).toBe(true))

const haiku = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const dir = temporaryDir('redis')
const policy = join(dir, 'policy.yaml')
let port = 0
let redis: ChildProcess
let stand: Stand
let second: RunningGateway

beforeAll(async () => {
  if (!there) return
  port = await freePort()
  redis = await startRedis()
  writeFileSync(
    policy,
    `version: "1"\nrules: [{ name: all, everyone: true, models: ["*"] }]\nlimits:\n  - { name: rpm, by: person, requestsPerMinute: 4 }\n`,
  )
  const limits = { redis: `redis://127.0.0.1:${port}` }
  stand = await startStand({ gateway: { policy, limits, heartbeat: '200ms' } })
  // Gateways of one company have one root key.
  mkdirSync(join(dir, 'second', 'config'), { recursive: true })
  copyFileSync(join(stand.dataDir, 'config', 'root.key'), join(dir, 'second', 'config', 'root.key'))
  const raw = rawStandConfig(join(dir, 'second'), stand.account, { gateway: { id: 'gw02', policy, limits } })
  second = await startGateway(checkConfig(raw), systemClock, stand.logger)
})
afterAll(async () => {
  if (!there) return
  await second.close()
  await stand.close()
  redis.kill()
})

async function startRedis(): Promise<ChildProcess> {
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve) =>
    child.stdout.on('data', (chunk) => String(chunk).includes('Ready to accept') && resolve()),
  )
  return child
}

const call = async (url: string, name: string) => {
  const answer = await fetch(`${url}/model/${haiku}/invoke`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await stand.account.idp.token(personNamed(name))}`,
    },
    body: JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 20,
      messages: [{ role: 'user', content: 'x' }],
    }),
  })
  await answer.arrayBuffer()
  return answer.status
}

test.runIf(there)('what one gateway counted the other knows', async () => {
  // Connections are made in the background.
  await expect.poll(() => call(second.url, 'judy')).toBe(200)
  await expect.poll(() => call(stand.gateway.url, 'judy')).toBe(200)
  const statuses = []
  for (let i = 0; i < 3; i++) {
    statuses.push(await call(stand.gateway.url, 'heidi'))
    statuses.push(await call(second.url, 'heidi'))
  }
  expect(statuses).toEqual([200, 200, 200, 200, 429, 429])
})

test.runIf(there)(
  'while it is away calls are refused with 503 and the turn is recorded; when it is back they go on',
  async () => {
    redis.kill('SIGKILL')
    await new Promise((resolve) => redis.once('close', resolve))
    expect(await call(stand.gateway.url, 'ivan')).toBe(503)
    const turns = async () =>
      (await journalOf(stand.dataDir)).filter(({ type }) => type === 'limits.changed').map(({ body }) => body['state'])
    await expect.poll(turns).toEqual(['away'])
    redis = await startRedis()
    await expect.poll(() => call(stand.gateway.url, 'ivan'), { timeout: 10_000 }).toBe(200)
    await expect.poll(turns).toEqual(['away', 'back'])
  },
)
