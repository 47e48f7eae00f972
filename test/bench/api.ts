import { rmSync } from 'node:fs'
import { accessKeys } from '../../simulator/src/account/estate.ts'
import { startAccount } from '../../simulator/src/account/start-account.ts'
import { linkSchema } from '../../src/app/api/schema/operate.ts'
import { connectHub } from '../../src/app/cli/hub-client.ts'
import { startHub } from '../../src/app/compose/hub.ts'
import { checkConfig } from '../../src/app/config.ts'
import { dataDirAt } from '../../src/app/data-dir.ts'
import { openEmbeddedEngine } from '../../src/evidence/store/engines/embedded.ts'
import { openStore } from '../../src/evidence/store/store.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { rawStandConfig, temporaryDir } from '../fakes/stand.ts'
import { percentile } from './machine.ts'

const days = 365
const rounds = 21

/** What a person asks for while looking through a year of calls. */
const questions = {
  'newest 50 of a year': `/calls?limit=50&since=${days}d`,
  'newest 50, bypass only, of a year': `/calls?limit=50&verdict=bypass&since=${days}d`,
  'one person over 90 days': '/calls?limit=50&person=p0000000000000000042&since=90d',
  'one model and team over 90 days': '/calls?limit=50&model=anthropic.claude-haiku-4-5&team=team3&since=90d',
  'not corroborated, over 90 days': '/calls?limit=50&verdict!=corroborated&since=90d',
  'all facets of 7 days': '/calls/facets?since=7d',
  'all facets of a year': `/calls/facets?since=${days}d`,
  'histogram of 7 days': '/calls/histogram?since=7d',
  'histogram of a year': `/calls/histogram?since=${days}d`,
  'what needs a look, a year': `/attention?since=${days}d`,
} as const

/** Filters over many calls, through HTTP, session, role check and the journalled act of each answer. Milliseconds. */
export async function benchApi(calls = 10_000_000): Promise<Record<string, string>> {
  const dataDir = temporaryDir('bench-api')
  process.env['AWS_ACCESS_KEY_ID'] = accessKeys.gateway.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = accessKeys.gateway.secretAccessKey
  const account = await startAccount({ dataDir: `${dataDir}/simulator`, seed: 1 })
  try {
    await fill(dataDirAt(dataDir).store, calls)
    const config = checkConfig({ ...rawStandConfig(dataDir, account), sources: [], corroborate: { every: '1h' } })
    const hub = await startHub(
      config,
      systemClock,
      createLogger('silent', () => undefined),
    )
    const cookie = await signIn(hub.consoleUrl, config)
    const figures: Record<string, string> = {}
    for (const [name, path] of Object.entries(questions)) {
      const times: number[] = []
      for (let round = 0; round < rounds; round++) {
        const started = performance.now()
        const answer = await fetch(`${hub.consoleUrl}/api/v1${path}`, { headers: { cookie } })
        await answer.arrayBuffer()
        times.push(performance.now() - started)
        if (answer.status !== 200) throw new TypeError(`${name}: ${answer.status}`)
      }
      figures[name] = `median ${percentile(times, 0.5).toFixed(0)} ms, p95 ${percentile(times, 0.95).toFixed(0)} ms`
    }
    await hub.close()
    return figures
  } finally {
    await account.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function signIn(url: string, config: Parameters<typeof connectHub>[0]): Promise<string> {
  const client = await connectHub(config)
  for await (const answer of client.post('/session/links', { roles: ['viewer'] })) {
    const opened = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-triptych-csrf': '1' },
      body: JSON.stringify(linkSchema.parse(answer)),
    })
    return opened.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }
  return ''
}

/** A year of calls of 500 people, in random order of people, with the verdicts of a company that mostly behaves. */
async function fill(directory: string, calls: number): Promise<void> {
  const engine = await openEmbeddedEngine(directory)
  await openStore({ engine, clock: systemClock })
  const stepMs = Math.floor((days * 86_400_000) / calls)
  const most = 1_000_000
  for (let from = 0; from < calls; from += most) {
    await engine.command(
      `INSERT INTO calls (ts, call_key, call_id, aws_request_id, alias, team, project, operation, model, model_as_sent, region, account,
         verdict, findings, reason, compared, seen_access, seen_gateway, seen_content, tokens_input, tokens_output, result, http_status,
         stop_reason, duration_ms, first_byte_ms, judged_at, changes, superseded, revision, batch, loaded_at, simulated)
       SELECT toDateTime64(now64(3) - toIntervalMillisecond(n * {step:UInt64}), 3) AS at, concat('gw01', lower(hex(sipHash128(n)))), concat('gw01', lower(hex(sipHash128(n)))),
         toString(generateUUIDv4(n)), concat('p', leftPad(toString(sipHash64(n, 1) % 500), 19, '0')), concat('team', toString(sipHash64(n, 1) % 20)), 'project',
         'InvokeModelWithResponseStream',
         ['anthropic.claude-sonnet-4-5-20250929-v1:0','anthropic.claude-haiku-4-5-20251001-v1:0','anthropic.claude-opus-4-6-v1'][1 + sipHash64(n, 2) % 3] AS m, m,
         ['us-east-1','eu-west-1'][1 + sipHash64(n, 3) % 2], '111122223333',
         multiIf(sipHash64(n, 4) % 10000 < 3, 'bypass', sipHash64(n, 4) % 10000 < 5, 'unlogged', sipHash64(n, 4) % 10000 < 60, 'refused', 'corroborated') AS v,
         if(v = 'bypass', ['bypass:bearer_key'], []), v, '[]', 1, 1, 1, 4000 + sipHash64(n, 5) % 4000, sipHash64(n, 6) % 2000, 'success', 200,
         'end_turn', 4000, 300, now64(3), 0, 0, 1, 1, now64(3), 1
       FROM (SELECT number + {from:UInt64} AS n FROM numbers({count:UInt64}))`,
      { step: stepMs, from, count: Math.min(most, calls - from) },
    )
  }
  await engine.command('OPTIMIZE TABLE calls FINAL')
  await engine.close()
}
