import { fork } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { startAccount } from '../../simulator/src/account/start-account.ts'
import { people } from '../../simulator/src/company/people.ts'
import { eventually, startProgram, writeProgramConfig } from '../fakes/program.ts'
import { rawStandConfig, temporaryDir } from '../fakes/stand.ts'
import { residentMiB } from './machine.ts'

const port = 18_798
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
  const dir = temporaryDir('soak')
  // The simulated account keeps what it is sent; here it only signs people in.
  const account = await startAccount({ dataDir: join(dir, 'simulator') })
  const upstream = fork(join(import.meta.dirname, 'upstream.ts'), { execArgv: ['--import', 'tsx'] })
  const bedrockRuntime = await new Promise<string>((resolve) =>
    upstream.once('message', (said: { port: number }) => resolve(`http://127.0.0.1:${said.port}`)),
  )
  const config = rawStandConfig(join(dir, 'data'), account, { gateway: { listen: `127.0.0.1:${port}` } })
  const aws = {
    region: 'us-east-1',
    endpoints: { bedrockRuntime, bedrock: account.url, s3: account.url, sts: account.url, cloudTrail: account.url },
  }
  const file = writeProgramConfig(dir, { ...config, aws, log: { level: 'error' } })
  const program = startProgram(['--config', file, 'gateway'])
  const pid = program.process.pid ?? 0
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
  try {
    await eventually(ready, Boolean)
    const until = performance.now() + minutes * 60_000
    const tokens = await Promise.all(people.slice(0, callers).map((person) => account.idp.token(person)))
    let calls = 0
    const caller = async (token: string) => {
      while (performance.now() < until) {
        calls += 1
        await once(token, calls)
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
    await program.interrupt()
    await account.close()
    upstream.disconnect()
    agent.destroy()
    rmSync(dir, { recursive: true, force: true })
  }
}

function handlesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Every second one streams, every tenth leaves in the middle. */
function once(token: string, n: number): Promise<void> {
  return new Promise((resolve) => {
    const verb = n % 2 === 0 ? 'invoke' : 'invoke-with-response-stream'
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'content-length': String(body.length),
    }
    const path = `/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/${verb}`
    const outgoing = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.once('close', () => resolve())
      if (n % 10 === 0) outgoing.destroy()
    })
    outgoing.once('error', () => resolve())
    outgoing.end(body)
  })
}
