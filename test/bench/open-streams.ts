import { existsSync, readFileSync, rmSync } from 'node:fs'
import { Agent, type ClientRequest, request } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { eventually } from '../fakes/program.ts'
import { temporaryDir } from '../fakes/stand.ts'
import { type Stage, scriptUpstream, startStage } from './stage.ts'

const streams = 1_000
const path = '/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke-with-response-stream'
/** Slow: ten chunks, each a minute after the one before. */
const upstream = scriptUpstream('paced-upstream.ts', ['10', '60000'])

/** An answer nobody waits for ends at once, so that none of them is there when the next are counted. */
const gateway = { abort: { drain: false } }

/** What an open stream costs one gateway process: a thousand of them, each with its first chunk there and the next a minute off. */
export async function benchOpenStreams(): Promise<Record<string, string>> {
  const dir = temporaryDir('bench-open-streams')
  const report = join(dir, 'memory.json')
  const preload = pathToFileURL(join(import.meta.dirname, 'memory-on-signal.js')).href
  const env = { NODE_OPTIONS: `--import ${preload}`, BENCH_MEMORY: report }
  const figures: Record<string, string> = {}
  try {
    for (const bytes of [2_000, 85_587]) {
      const stage = await startStage('bench-open-streams', { upstream, env, gateway, isEverythingOn: true })
      try {
        figures[`of a stream with a request of ${bytes.toLocaleString('en-US')} bytes`] = await costOf(
          stage,
          bytes,
          report,
        )
      } finally {
        await stage.close()
      }
    }
    return figures
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Fifty before, so that what the first stream of all costs is not counted. */
async function costOf(stage: Stage, bytes: number, report: string): Promise<string> {
  const token = await stage.token()
  await closeAll(await openAll(stage, token, bytes, 50))
  const before = await memoryOf(stage.pid, report)
  const open = await openAll(stage, token, bytes, streams)
  const during = await memoryOf(stage.pid, report)
  await closeAll(open)
  const after = await memoryOf(stage.pid, report)
  const each = (what: (memory: Memory) => number) =>
    `${((what(during) - what(before)) / streams / 1_000).toFixed(1)} kB`
  const mega = ({ rss }: Memory) => Math.round(rss / 1e6)
  return `${each(({ rss }) => rss)} resident, ${each(({ heapUsed, external }) => heapUsed + external)} used (resident before, with ${streams}, after: ${mega(before)}, ${mega(during)}, ${mega(after)} MB)`
}

interface Memory {
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
}

async function memoryOf(pid: number, report: string): Promise<Memory> {
  rmSync(report, { force: true })
  process.kill(pid, 'SIGUSR2')
  await eventually(async () => existsSync(report) && readFileSync(report, 'utf8') !== '', Boolean)
  return JSON.parse(readFileSync(report, 'utf8')) as Memory
}

async function openAll(stage: Stage, token: string, bytes: number, count: number): Promise<readonly ClientRequest[]> {
  const messages = [{ role: 'user', content: 'x'.repeat(bytes - 120) }]
  const body = Buffer.from(JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages }))
  const agent = new Agent({ keepAlive: false })
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': String(body.length),
  }
  const open: ClientRequest[] = []
  // Fifty at a time: a thousand connections in one moment would be another figure.
  while (open.length < count) {
    const some = Array.from({ length: 50 }, () =>
      request(`${stage.gateway}${path}`, { method: 'POST', agent, headers }),
    )
    await Promise.all(some.map((outgoing) => firstChunk(outgoing, body)))
    open.push(...some)
  }
  return open
}

function firstChunk(outgoing: ClientRequest, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    // Later it is torn down from here.
    outgoing.on('error', reject)
    outgoing.once('response', (answer) => {
      answer.on('error', () => undefined)
      if (answer.statusCode !== 200) reject(new RangeError(`status ${answer.statusCode}`))
      answer.once('data', () => resolve())
    })
    outgoing.end(body)
  })
}

async function closeAll(open: readonly ClientRequest[]): Promise<void> {
  for (const outgoing of open) outgoing.destroy()
  await new Promise((resolve) => setTimeout(resolve, 3_000))
}
