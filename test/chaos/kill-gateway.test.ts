import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { people } from '../../simulator/src/company/people.ts'
import { eventually, startProgram, writeProgramConfig } from '../fakes/program.ts'
import { journalOf, rawStandConfig, temporaryDir } from '../fakes/stand.ts'

// The gateway alone, killed fifty times in the middle of its calls. AWS itself counts what it was sent.

const rounds = 50
const port = 18_795
const gateway = `http://127.0.0.1:${port}`
const body = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'x'.repeat(20_000) }],
})

let dir: string
let account: Account

beforeAll(async () => {
  dir = temporaryDir('kill-gateway')
  account = await startAccount({
    dataDir: join(dir, 'simulator'),
    seed: 17,
    latency: { firstByteMs: [0, 30], chunkMs: [0, 4] },
  })
})
afterAll(async () => {
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

const ready = () =>
  fetch(`${gateway}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  )

test(`after ${rounds} kills what was sent upstream is what was recorded, each with one outcome`, async () => {
  const config = rawStandConfig(join(dir, 'data'), account, {
    gateway: { listen: `127.0.0.1:${port}`, journal: { segmentBytes: 20_000 } },
  })
  const file = writeProgramConfig(dir, { ...config, log: { level: 'error' } })
  const tokens = await Promise.all(people.slice(0, 6).map((person) => account.idp.token(person)))
  for (let round = 0; round <= rounds; round++) {
    const program = startProgram(['--config', file, 'gateway'])
    expect(await eventually(ready, Boolean), program.output()).toBe(true)
    if (round === rounds) {
      expect(await program.interrupt()).toBe(0)
      break
    }
    const before = account.parts.received.all().length
    let stopped = false
    const callers = tokens.map(async (token, i) => {
      while (!stopped)
        await fetch(
          `${gateway}/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke${i % 2 === 0 ? '' : '-with-response-stream'}`,
          {
            method: 'POST',
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
            body,
          },
        )
          .then((answer) => answer.arrayBuffer())
          .catch(() => new Promise((resolve) => setTimeout(resolve, 5)))
    })
    await eventually(
      async () => account.parts.received.all().length - before,
      (sent) => sent >= 3,
    )
    await new Promise((resolve) => setTimeout(resolve, 10 + ((round * 61) % 250)))
    await program.killAll()
    stopped = true
    await Promise.all(callers)
  }
  const sent = account.parts.received.all().map((call) => call.userAgent.split('call/')[1] ?? '')
  const lines = await journalOf(join(dir, 'data'))
  const callsOf = (type: string) => lines.filter((line) => line.type === type).map((line) => String(line.body['call']))
  const intents = new Set(callsOf('call.intent'))
  expect(sent.length).toBeGreaterThan(rounds * 2)
  expect(sent.filter((call) => !intents.has(call))).toEqual([])
  expect(callsOf('call.outcome').sort()).toEqual([...intents].sort())
  // Kills did fall into the middle of calls.
  expect(lines.filter((line) => line.body['result'] === 'unknown').length).toBeGreaterThan(rounds / 5)
})
