import { Agent, request } from 'node:http'
import { cpuSeconds, percentile, residentMiB } from './machine.ts'
import { scriptUpstream, startStage } from './stage.ts'

const bodyBytes = 85_587
const path = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke'
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/**
 * What the gateway adds to a call of Claude Code's size: token check, policy, STS session, durable intent and outcome, metering.
 * The same client calls the upstream directly and through the gateway in turn, so that both see the same machine.
 */
export async function benchGateway(pairs = 1500): Promise<Record<string, number | string>> {
  const stage = await startStage('bench', { upstream: scriptUpstream('upstream.ts') })
  const { direct, gateway, pid } = stage
  try {
    const token = await stage.token()
    const body = Buffer.from(
      JSON.stringify({
        anthropic_version: 'bedrock-2023-05-31',
        max_tokens: 100,
        messages: [{ role: 'user', content: 'x'.repeat(bodyBytes - 120) }],
      }),
    )
    for (let i = 0; i < 200; i++) await Promise.all([timed(direct, body, token), timed(gateway, body, token)])
    const plain: number[] = []
    const through: number[] = []
    for (let i = 0; i < pairs; i++) {
      plain.push(await timed(direct, body, token))
      through.push(await timed(gateway, body, token))
    }
    const load = await underLoad(gateway, body, token, pid)
    const added = (share: number) => Math.round((percentile(through, share) - percentile(plain, share)) * 1000)
    return {
      'direct p50 (µs)': Math.round(percentile(plain, 0.5) * 1000),
      'gateway p50 (µs)': Math.round(percentile(through, 0.5) * 1000),
      'added p50 (µs)': added(0.5),
      'added p99 (µs)': added(0.99),
      ...load,
      'gateway memory (MiB)': residentMiB(pid),
    }
  } finally {
    await stage.close()
    agent.destroy()
  }
}

/** 32 callers in a closed loop for a few seconds. */
async function underLoad(gateway: string, body: Buffer, token: string, pid: number): Promise<Record<string, number>> {
  const seconds = 5
  const cpuBefore = cpuSeconds(pid)
  const until = performance.now() + seconds * 1000
  let calls = 0
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (performance.now() < until) {
        await timed(gateway, body, token)
        calls += 1
      }
    }),
  )
  return {
    'calls/s with 32 callers': Math.round(calls / seconds),
    'gateway CPU-s per 1,000 calls': Math.round(((cpuSeconds(pid) - cpuBefore) / calls) * 1_000_000) / 1000,
  }
}

/** One call, ms. */
function timed(base: string, body: Buffer, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const outgoing = request(
      `${base}${path}`,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': String(body.length),
        },
      },
      (answer) => {
        if (answer.statusCode !== 200) reject(new RangeError(`status ${answer.statusCode}`))
        answer.resume()
        answer.once('end', () => resolve(performance.now() - started))
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
