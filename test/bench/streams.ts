import { Agent, request } from 'node:http'
import { percentile } from './machine.ts'
import { scriptUpstream, startStage } from './stage.ts'

const path = '/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke-with-response-stream'
const bodyBytes = 85_587
const slots = 50
const paced = { chunks: 64, everyMs: 20 }
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** One stream as its client saw it, ms. */
interface Seen {
  readonly firstByte: number
  /** To the first chunk that carries text. */
  readonly firstToken: number
  /** Of each chunk: from being sent by the upstream to being here. */
  readonly onTheWay: readonly number[]
  /** Between the arrivals of two chunks. */
  readonly gaps: readonly number[]
}

/** What the gateway adds to a stream: to its first byte when there is one at a time, and to each chunk when there are fifty. */
export async function benchStreams(): Promise<Record<string, number | string>> {
  try {
    const large = await oneAtATime(bodyBytes)
    const small = await oneAtATime(2_000)
    return {
      'added to the first byte of a stream, p50 / p99 (µs), 85 KB bodies': large,
      'the same, 2 KB bodies': small,
      ...(await fiftyAtOnce()),
    }
  } finally {
    agent.destroy()
  }
}

async function oneAtATime(bytes: number, pairs = 1_000): Promise<string> {
  const stage = await startStage('bench-streams', { upstream: scriptUpstream('paced-upstream.ts', ['4', '1']) })
  try {
    const [body, token] = [bodyOf(bytes), await stage.token()]
    const plain: number[] = []
    const through: number[] = []
    for (let i = 0; i < pairs + 200; i++) {
      const [direct, ours] = [await watch(stage.direct, body, token), await watch(stage.gateway, body, token)]
      if (i < 200) continue
      plain.push(direct.firstByte)
      through.push(ours.firstByte)
    }
    return addedMicros(plain, through)
  } finally {
    await stage.close()
  }
}

/** Fifty slots, each with one stream after the other; all of them directly, all of them through the gateway, in turn. */
async function fiftyAtOnce(): Promise<Record<string, number | string>> {
  const upstream = scriptUpstream('paced-upstream.ts', [String(paced.chunks), String(paced.everyMs)])
  const stage = await startStage('bench-streams', { upstream })
  try {
    const [body, token] = [bodyOf(bodyBytes), await stage.token()]
    const seen = { direct: [] as Seen[], gateway: [] as Seen[] }
    await round(stage.gateway, body, token)
    for (let i = 0; i < 3; i++)
      for (const way of ['direct', 'gateway'] as const) seen[way].push(...(await round(stage[way], body, token)))
    const of = (way: keyof typeof seen, what: (one: Seen) => number | readonly number[]) => seen[way].flatMap(what)
    const both = (what: (one: Seen) => number | readonly number[], share: number) =>
      `${percentile(of('direct', what), share).toFixed(2)} / ${percentile(of('gateway', what), share).toFixed(2)}`
    const late = (way: keyof typeof seen) =>
      of(way, ({ onTheWay }) => onTheWay).filter((ms) => ms > paced.everyMs).length
    return {
      'fifty at once, streams each way': seen.gateway.length,
      'added to the first token, p50 / p99 (µs)': addedMicros(
        of('direct', ({ firstToken }) => firstToken),
        of('gateway', ({ firstToken }) => firstToken),
      ),
      'a chunk on its way, direct / gateway, p50 (ms)': both(({ onTheWay }) => onTheWay, 0.5),
      'a chunk on its way, direct / gateway, p99 (ms)': both(({ onTheWay }) => onTheWay, 0.99),
      'between two chunks, direct / gateway, p1 (ms)': both(({ gaps }) => gaps, 0.01),
      'between two chunks, direct / gateway, p50 (ms)': both(({ gaps }) => gaps, 0.5),
      'between two chunks, direct / gateway, p99 (ms)': both(({ gaps }) => gaps, 0.99),
      'chunks longer on their way than the next took to be sent, direct / gateway': `${late('direct')} / ${late('gateway')} of ${of('gateway', ({ onTheWay }) => onTheWay).length}`,
    }
  } finally {
    await stage.close()
  }
}

/** Two streams in each slot; the slots begin one after the other, as people do. */
async function round(url: string, body: Buffer, token: string): Promise<readonly Seen[]> {
  const slot = async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, (n * paced.chunks * paced.everyMs) / slots))
    return [await watch(url, body, token), await watch(url, body, token)]
  }
  return (await Promise.all(Array.from({ length: slots }, (_, n) => slot(n)))).flat()
}

function bodyOf(bytes: number): Buffer {
  const messages = [{ role: 'user', content: 'x'.repeat(bytes - 120) }]
  return Buffer.from(JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages }))
}

function addedMicros(plain: readonly number[], through: readonly number[]): string {
  const added = (share: number) => Math.round((percentile(through, share) - percentile(plain, share)) * 1000)
  return `${added(0.5)} / ${added(0.99)}`
}

function watch(url: string, body: Buffer, token: string): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const arrivals: number[] = []
    const onTheWay: number[] = []
    let firstByte = 0
    let rest: Buffer = Buffer.alloc(0)
    const take = (bytes: Buffer) => {
      const now = process.hrtime.bigint()
      firstByte ||= performance.now() - started
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
      while (rest.length >= 4 && rest.length >= rest.readUInt32BE(0)) {
        const sent = /"p":"(\d+)"/.exec(rest.toString('latin1', 0, rest.readUInt32BE(0)))?.[1] ?? '0'
        arrivals.push(performance.now() - started)
        onTheWay.push(Number(now - BigInt(sent)) / 1e6)
        rest = rest.subarray(rest.readUInt32BE(0))
      }
    }
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': String(body.length),
    }
    const outgoing = request(`${url}${path}`, { method: 'POST', agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new RangeError(`status ${answer.statusCode} of ${url}`))
      answer.on('data', take)
      answer.once('end', () => {
        const gaps = arrivals.slice(1).map((at, i) => at - (arrivals[i] ?? at))
        resolve({ firstByte, firstToken: arrivals[1] ?? Number.NaN, onTheWay, gaps })
      })
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
