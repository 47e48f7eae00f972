import { fork, spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { personNamed } from '../../simulator/src/company/people.ts'
import { freePort } from '../fakes/free-port.ts'
import { eventually, startProgram, writeProgramConfig } from '../fakes/program.ts'
import { rawStandConfig, temporaryDir } from '../fakes/stand.ts'
import { cpuSeconds, percentile, residentMiB } from './machine.ts'
import { nginxProgram, portSaid, startNginx } from './stage.ts'

// Everything on, beside what a user would pick instead and beside what the work itself costs, in one interleaved run.

const bodyBytes = 85_587
const bedrockPath = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke'
const message = {
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'x'.repeat(bodyBytes - 120) }],
}
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** Something that stands between a client and the upstream. */
interface Rival {
  readonly name: string
  readonly url: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** All processes of it. */
  readonly pids: readonly number[]
  stop(): Promise<void>
}

const bedrockBody = Buffer.from(JSON.stringify(message))
const json = { 'content-type': 'application/json' }

/** Added time of one call, calls per second of 32 callers, processor time: of ours, of rivals that are installed, of bare pipes. */
export async function benchRivals(rounds = 600): Promise<Record<string, number | string>> {
  const dir = temporaryDir('rivals')
  const upstream = fork(join(import.meta.dirname, 'upstream.ts'), { execArgv: ['--import', 'tsx'] })
  const direct = `http://127.0.0.1:${await portSaid(upstream)}`
  const account = await startAccount({ dataDir: join(dir, 'simulator') })
  const rivals: Rival[] = []
  try {
    rivals.push(await pipe('pipe', direct, dir), await pipe('signed', direct, dir), await pipe('durable', direct, dir))
    rivals.push(await ours(account, direct, dir))
    for (const start of [nginx, liteLlm, portkey]) {
      const rival = await start(direct, dir)
      if (rival === undefined) continue
      const works = await timed(rival).then(
        () => true,
        (cause: unknown) => String(cause),
      )
      if (works === true) rivals.push(rival)
      else {
        process.stderr.write(`${rival.name} left out: ${works}\n`)
        await rival.stop()
      }
    }
    return { ...(await latencies(direct, rivals, rounds)), ...(await throughputs(rivals)) }
  } finally {
    for (const rival of rivals) await rival.stop()
    await account.close()
    upstream.disconnect()
    agent.destroy()
    rmSync(dir, { recursive: true, force: true })
  }
}

async function latencies(direct: string, rivals: readonly Rival[], rounds: number) {
  const plain: number[] = []
  const through = new Map<string, number[]>(rivals.map(({ name }) => [name, []]))
  const straight = { url: direct, path: bedrockPath, headers: json, body: bedrockBody }
  for (let i = 0; i < 100; i++) for (const one of [straight, ...rivals]) await timed(one)
  for (let i = 0; i < rounds; i++) {
    plain.push(await timed(straight))
    for (const rival of rivals) through.get(rival.name)?.push(await timed(rival))
  }
  const figures: Record<string, number | string> = {}
  const added = (name: string, share: number) =>
    Math.round((percentile(through.get(name) ?? [], share) - percentile(plain, share)) * 1000)
  for (const { name } of rivals) figures[`${name}: added p50 / p99 (µs)`] = `${added(name, 0.5)} / ${added(name, 0.99)}`
  figures['ours to the durable pipe, p50'] = Math.round((added('ours', 0.5) / added('durable', 0.5)) * 100) / 100
  return figures
}

async function throughputs(rivals: readonly Rival[]) {
  const figures: Record<string, number | string> = {}
  const seconds = 4
  for (const rival of rivals) {
    const cpu = () => rival.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
    const before = cpu()
    const until = performance.now() + seconds * 1000
    let calls = 0
    const caller = async () => {
      while (performance.now() < until) {
        await timed(rival)
        calls += 1
      }
    }
    await Promise.all(Array.from({ length: 32 }, caller))
    const used = Math.round(((cpu() - before) / calls) * 1_000_000) / 1000
    const memory = rival.pids.reduce((sum, pid) => sum + residentMiB(pid), 0)
    figures[`${rival.name}: calls/s of 32 callers, CPU-s per 1,000, MiB`] =
      `${Math.round(calls / seconds)}, ${used}, ${memory}`
  }
  return figures
}

async function pipe(mode: 'pipe' | 'signed' | 'durable', direct: string, dir: string): Promise<Rival> {
  const child = fork(join(import.meta.dirname, 'rivals', 'pipe.ts'), [mode, direct, dir], {
    execArgv: ['--import', 'tsx'],
  })
  const url = `http://127.0.0.1:${await portSaid(child)}`
  return {
    name: mode,
    url,
    path: bedrockPath,
    headers: json,
    body: bedrockBody,
    pids: [child.pid ?? 0],
    stop: async () => child.disconnect(),
  }
}

async function ours(account: Account, direct: string, dir: string): Promise<Rival> {
  const port = await freePort()
  const policy = join(dir, 'policy.yaml')
  writeFileSync(
    policy,
    'version: "1"\nrules: [{ name: all, groups: [claude-users], models: ["anthropic.*"], maxTokens: 64000 }]\nlimits: [{ name: each, by: person, requestsPerMinute: 1000000, outputTokensPerDay: 1000000000000, usdPerMonth: 100000000 }]\n',
  )
  const config = rawStandConfig(join(dir, 'data'), account, {
    gateway: { listen: `127.0.0.1:${port}`, policy, metrics: '127.0.0.1:0' },
  })
  const endpoints = {
    bedrockRuntime: direct,
    bedrock: account.url,
    s3: account.url,
    sts: account.url,
    cloudTrail: account.url,
  }
  const file = writeProgramConfig(dir, { ...config, aws: { region: 'us-east-1', endpoints }, log: { level: 'info' } })
  const program = startProgram(['--config', file, 'gateway'])
  const url = `http://127.0.0.1:${port}`
  await answering(`${url}/readyz`).catch(() => {
    throw new RangeError(program.output())
  })
  const authorization = `Bearer ${await account.idp.token(personNamed('alice'))}`
  return {
    name: 'ours',
    url,
    path: bedrockPath,
    headers: { ...json, authorization },
    body: bedrockBody,
    pids: [program.process.pid ?? 0],
    stop: async () => void (await program.interrupt()),
  }
}

async function nginx(direct: string, dir: string): Promise<Rival | undefined> {
  const program = nginxProgram()
  if (program === undefined) return undefined
  const port = await freePort()
  const child = startNginx(
    program,
    dir,
    `upstream bedrock { server ${new URL(direct).host}; keepalive 64; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://bedrock; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
  )
  const url = `http://127.0.0.1:${port}`
  await answering(url)
  return {
    name: 'nginx',
    url,
    path: bedrockPath,
    headers: json,
    body: bedrockBody,
    pids: [child.pid ?? 0],
    stop: async () => void child.kill(),
  }
}

/** `BENCH_LITELLM`: the `litellm` program of a virtual environment; its Bedrock pass-through. */
async function liteLlm(direct: string, dir: string): Promise<Rival | undefined> {
  const program = process.env['BENCH_LITELLM']
  if (program === undefined) return undefined
  const port = await freePort()
  const config = join(dir, 'litellm.yaml')
  const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
  const params = `{ model: "bedrock/${model}", aws_bedrock_runtime_endpoint: "${direct}" }`
  const list = `model_list:\n  - { model_name: "${model}", litellm_params: ${params} }\n`
  writeFileSync(config, `${list}general_settings: { master_key: sk-bench }\n`)
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION_NAME: 'us-east-1',
    AWS_BEDROCK_RUNTIME_ENDPOINT: direct,
    NO_PROXY: '127.0.0.1',
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  }
  const child = spawn(
    program,
    ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--telemetry', 'False'],
    { env, stdio: 'ignore' },
  )
  const url = `http://127.0.0.1:${port}`
  await answering(`${url}/health/liveliness`, 120_000)
  const headers = { ...json, authorization: 'Bearer sk-bench' }
  return {
    name: 'LiteLLM',
    url,
    path: `/bedrock${bedrockPath}`,
    headers,
    body: bedrockBody,
    pids: [child.pid ?? 0],
    stop: async () => void child.kill(),
  }
}

/** `BENCH_PORTKEY`: the built server of @portkey-ai/gateway; its route for Anthropic messages. */
async function portkey(direct: string): Promise<Rival | undefined> {
  const script = process.env['BENCH_PORTKEY']
  if (script === undefined) return undefined
  const port = await freePort()
  const env = { ...process.env, TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' }
  const child = spawn(process.execPath, [script, `--port=${port}`, '--headless'], { stdio: 'ignore', env })
  const url = `http://127.0.0.1:${port}`
  await answering(url)
  const headers = {
    ...json,
    'x-api-key': 'x',
    'x-portkey-provider': 'anthropic',
    'x-portkey-custom-host': `${direct}/v1`,
  }
  const body = Buffer.from(JSON.stringify({ ...message, anthropic_version: undefined, model: 'claude-sonnet-4-5' }))
  return {
    name: 'Portkey',
    url,
    path: '/v1/messages',
    headers,
    body,
    pids: [child.pid ?? 0],
    stop: async () => void child.kill(),
  }
}

async function answering(url: string, timeoutMs = 30_000): Promise<void> {
  const answered = () =>
    fetch(url).then(
      () => true,
      () => false,
    )
  if (!(await eventually(answered, Boolean, timeoutMs))) throw new RangeError(`nothing answers at ${url}`)
}

/** One call, ms. */
function timed({ url, path, headers, body }: Pick<Rival, 'url' | 'path' | 'headers' | 'body'>): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const sent = { ...headers, 'content-length': String(body.length) }
    const outgoing = request(`${url}${path}`, { method: 'POST', agent, headers: sent }, (answer) => {
      if (answer.statusCode !== 200) reject(new RangeError(`status ${answer.statusCode} of ${url}`))
      answer.resume()
      answer.once('end', () => resolve(performance.now() - started))
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
