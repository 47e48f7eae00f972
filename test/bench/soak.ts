import { readdirSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { people } from '../../simulator/src/company/people.ts'
import { residentMiB } from './machine.ts'
import { scriptUpstream, startStage } from './stage.ts'

const minutes = 10
const callers = 12
const agent = new Agent({ keepAlive: true })
const body = Buffer.from(
  JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 60,
    messages: [{ role: 'user', content: 'x'.repeat(85_000) }],
  }),
)

/** Ten minutes of steady calls and streams, one in ten hung up: memory and handles of the gateway at the first minute and at the end. */
export async function benchSoak(): Promise<Record<string, number | string>> {
  const stage = await startStage('soak', { upstream: scriptUpstream('upstream.ts') })
  const { gateway, pid } = stage
  try {
    const until = performance.now() + minutes * 60_000
    const tokens = await Promise.all(people.slice(0, callers).map((person) => stage.token(person)))
    let calls = 0
    const caller = async (token: string) => {
      while (performance.now() < until) {
        calls += 1
        await once(gateway, token, calls)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
    const running = tokens.map(caller)
    await new Promise((resolve) => setTimeout(resolve, 60_000))
    const before = { memory: residentMiB(pid), handles: handlesOf(pid) }
    await Promise.all(running)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    return {
      calls,
      'memory after a minute (MiB)': before.memory,
      'memory at the end (MiB)': residentMiB(pid),
      'handles after a minute': before.handles,
      'handles at the end': handlesOf(pid),
    }
  } finally {
    await stage.close()
    agent.destroy()
  }
}

function handlesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Every second one streams, every tenth leaves in the middle. */
function once(gateway: string, token: string, n: number): Promise<void> {
  return new Promise((resolve) => {
    const verb = n % 2 === 0 ? 'invoke' : 'invoke-with-response-stream'
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'content-length': String(body.length),
    }
    const path = `/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/${verb}`
    const outgoing = request(`${gateway}${path}`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.once('close', () => resolve())
      if (n % 10 === 0) outgoing.destroy()
    })
    outgoing.once('error', () => resolve())
    outgoing.end(body)
  })
}
