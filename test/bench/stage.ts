import { type ChildProcess, fork, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Person } from '../../simulator/src/account/idp.ts'
import { startAccount } from '../../simulator/src/account/start-account.ts'
import { personNamed } from '../../simulator/src/company/people.ts'
import { freePort } from '../fakes/free-port.ts'
import { eventually, type Program, startProgram, writeProgramConfig } from '../fakes/program.ts'
import { rawStandConfig, temporaryDir } from '../fakes/stand.ts'

/** The built gateway in front of a cheap upstream, each in processes of its own. */
export interface Stage {
  /** The upstream itself. */
  readonly direct: string
  readonly gateway: string
  /** Of the gateway's first process; its workers, where there are any, are `pids` without it. */
  readonly pid: number
  pids(): readonly number[]
  /** Of a person of the company; by default the same one each time. */
  token(person?: Person): Promise<string>
  close(): Promise<void>
}

/** What may differ from one stage to another. */
export interface StageOptions {
  /** Starts what stands in for Bedrock. */
  readonly upstream: (dir: string) => Promise<Upstream>
  readonly gateway?: Readonly<Record<string, unknown>>
  /** Policy with a ceiling, three limits, metrics and access log, instead of none. */
  readonly isEverythingOn?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** Something that answers in Bedrock's place. */
export interface Upstream {
  readonly url: string
  readonly pid: number
  stop(): void
}

const policy =
  'version: "1"\nrules: [{ name: all, groups: [claude-users], models: ["anthropic.*"], maxTokens: 64000 }]\nlimits: [{ name: each, by: person, requestsPerMinute: 100000000, outputTokensPerDay: 1000000000000, usdPerMonth: 1000000000 }]\n'

/** Starts all of it and waits until the gateway is ready. */
export async function startStage(name: string, options: StageOptions): Promise<Stage> {
  const dir = temporaryDir(name)
  const upstream = await options.upstream(dir)
  // The simulated account keeps what it is sent; here it only signs people in.
  const account = await startAccount({ dataDir: join(dir, 'simulator') })
  const listen = `127.0.0.1:${await freePort()}`
  const policyFile = join(dir, 'policy.yaml')
  writeFileSync(policyFile, policy)
  const everything = options.isEverythingOn === true ? { policy: policyFile, metrics: '127.0.0.1:0' } : {}
  const config = rawStandConfig(join(dir, 'data'), account, { gateway: { listen, ...everything, ...options.gateway } })
  const { url } = account
  const endpoints = { bedrockRuntime: upstream.url, bedrock: url, s3: url, sts: url, cloudTrail: url }
  const log = { level: options.isEverythingOn === true ? 'info' : 'error' }
  const file = writeProgramConfig(dir, { ...config, aws: { region: 'us-east-1', endpoints }, log })
  const program = startProgram(['--config', file, 'gateway'], options.env)
  const gateway = `http://${listen}`
  const pid = program.process.pid ?? 0
  const close = async () => {
    await program.interrupt()
    await account.close()
    upstream.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  if (!(await isReady(gateway))) {
    await close()
    throw new RangeError(program.output())
  }
  return {
    direct: upstream.url,
    gateway,
    pid,
    pids: () => [pid, ...childrenOf(program)],
    token: (person = personNamed('alice')) => account.idp.token(person),
    close,
  }
}

function isReady(url: string): Promise<boolean> {
  const ready = () =>
    fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
  return eventually(ready, Boolean)
}

function childrenOf({ process: { pid } }: Program): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

/** An upstream that is a script below test/bench and says its port. */
export function scriptUpstream(script: string, args: readonly string[] = []): (dir: string) => Promise<Upstream> {
  return async () => {
    const child = fork(join(import.meta.dirname, script), args, { execArgv: ['--import', 'tsx'] })
    const port = await portSaid(child)
    return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => child.disconnect() }
  }
}

/** The port that a script says over its channel. */
export function portSaid(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once('message', (said: { port: number }) => resolve(said.port)))
}

/** Where nginx is, if it is installed. */
export function nginxProgram(): string | undefined {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    .map((path) => join(path, 'nginx'))
    .find(existsSync)
}

/** One process of nginx with a server of one's own; ended by `kill`. */
export function startNginx(program: string, dir: string, http: string): ChildProcess {
  const home = join(dir, 'nginx')
  mkdirSync(home)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${home}/${kind};`)
  writeFileSync(
    join(home, 'nginx.conf'),
    `daemon off; master_process off; pid ${home}/pid; error_log ${home}/error.log;
events { worker_connections 1024; }
http { access_log off; client_body_buffer_size 1m; client_max_body_size 30m; keepalive_requests 100000000; ${paths.join(' ')}
${http} }`,
  )
  return spawn(program, ['-c', join(home, 'nginx.conf'), '-p', home], { stdio: 'ignore' })
}

const answer = JSON.stringify({
  id: 'msg_bdrk_0',
  type: 'message',
  role: 'assistant',
  content: [{ type: 'text', text: 'ok '.repeat(200) }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 20_000, output_tokens: 200 },
})

/** nginx answers each call with the same message: an upstream that costs next to nothing. Without nginx, the one of Node. */
export async function cheapestUpstream(dir: string): Promise<Upstream> {
  const program = nginxProgram()
  if (program === undefined) return scriptUpstream('upstream.ts')(dir)
  const port = await freePort()
  const headers = [
    'x-amzn-requestid 00000000-0000-4000-8000-000000000000',
    'x-amzn-bedrock-input-token-count 20000',
    'x-amzn-bedrock-output-token-count 200',
  ].map((header) => `add_header ${header};`)
  const child = startNginx(
    program,
    dir,
    `server { listen 127.0.0.1:${port}; location / { default_type application/json; ${headers.join(' ')} return 200 '${answer}'; } }`,
  )
  const url = `http://127.0.0.1:${port}`
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    )
  await eventually(answers, Boolean)
  return { url, pid: child.pid ?? 0, stop: () => void child.kill() }
}
