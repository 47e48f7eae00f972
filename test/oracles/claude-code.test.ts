import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalOf, type Stand, startStand, temporaryDir } from '../fakes/stand.ts'

// The real client, unmodified, with a home of its own; whatever else it wants to reach meets a closed port.

const claude = process.env['TEST_CLAUDE_CODE'] ?? ''
const there = existsSync(claude)
if (!there) console.warn('TEST_CLAUDE_CODE names no program: Claude Code itself was not run')
test.runIf(process.env['CI'])('Claude Code is there where CI runs', () => expect(there).toBe(true))

const home = temporaryDir('claude-code')
const work = join(home, 'work')
const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const haiku = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
let stand: Stand

beforeAll(async () => {
  if (!there) return
  stand = await startStand()
  mkdirSync(join(home, '.claude'), { recursive: true })
  mkdirSync(work)
  const helper = join(home, 'token.sh')
  writeFileSync(join(home, 'token'), await stand.token())
  writeFileSync(helper, `#!/bin/sh\ncat '${join(home, 'token')}'\n`)
  chmodSync(helper, 0o755)
  writeFileSync(join(home, '.claude', 'settings.json'), JSON.stringify({ apiKeyHelper: helper }))
})
afterAll(async () => {
  if (there) await stand.close()
  rmSync(home, { recursive: true, force: true })
})

const closed = 'http://127.0.0.1:9'
const modes = {
  bedrock: () => ({
    CLAUDE_CODE_USE_BEDROCK: '1',
    CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1',
    ANTHROPIC_BEDROCK_BASE_URL: stand.gateway.url,
    AWS_REGION: 'us-east-1',
    ANTHROPIC_MODEL: sonnet,
    ANTHROPIC_SMALL_FAST_MODEL: haiku,
  }),
  messages: () => ({
    ANTHROPIC_BASE_URL: stand.gateway.url,
    ANTHROPIC_MODEL: 'claude-sonnet-4-5',
    ANTHROPIC_SMALL_FAST_MODEL: 'claude-sonnet-4-5',
  }),
}

interface Ran {
  readonly code: number | null
  readonly result: Record<string, unknown>
  readonly text: string
}

function run(mode: keyof typeof modes, args: readonly string[], input = ''): Promise<Ran> {
  const child = spawn(claude, ['-p', '--output-format', 'json', ...args], {
    cwd: work,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      HTTP_PROXY: closed,
      HTTPS_PROXY: closed,
      NO_PROXY: '127.0.0.1',
      ...modes[mode](),
    },
  })
  const giveUp = setTimeout(() => child.kill(), 100_000)
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  child.stdin.end(input)
  return new Promise((resolve) =>
    child.once('close', (code) => {
      clearTimeout(giveUp)
      const last = text.split('\n').findLast((line) => line.startsWith('{')) ?? '{}'
      resolve({ code, text, result: JSON.parse(last) as Record<string, unknown> })
    }),
  )
}

const outcomes = async () =>
  (await journalOf(stand.dataDir)).filter(({ type }) => type === 'call.outcome').map(({ body }) => body)

/** What the client wrote into its own transcript as the id of each request. */
function transcriptIds(): readonly string[] {
  const projects = join(home, '.claude', 'projects')
  return readdirSync(projects, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(projects, name), 'utf8').split('\n'))
    .flatMap((line) => /"requestId":"([^"]+)"/.exec(line)?.[1] ?? [])
}

for (const mode of ['bedrock', 'messages'] as const) {
  test.runIf(there)(
    `${mode} mode: it answers, its session id is in the record, and its transcript has our call ids`,
    async () => {
      const before = (await outcomes()).length
      const { code, result, text } = await run(mode, ['say hi'])
      expect(code, text).toBe(0)
      expect(result).toMatchObject({ is_error: false, subtype: 'success' })
      await expect.poll(async () => (await outcomes()).length).toBeGreaterThan(before)
      const calls = (await outcomes()).slice(before)
      for (const call of calls)
        expect(call).toMatchObject({
          dialect: mode === 'bedrock' ? 'bedrock' : 'anthropic',
          streaming: true,
          result: 'success',
          session: result['session_id'],
        })
      expect(transcriptIds()).toEqual(expect.arrayContaining(calls.map((call) => call['call'])))
    },
  )

  test.runIf(there)(`${mode} mode: a tool is called and its result goes back through the gateway`, async () => {
    const before = (await outcomes()).length
    const prompt = 'Call the tool Bash with {"command":"echo from-the-tool > made.txt","description":"writes a file"}'
    const { code, result, text } = await run(mode, [
      prompt,
      '--allowedTools',
      'Bash(echo:*)',
      '--permission-mode',
      'acceptEdits',
    ])
    expect(code, text).toBe(0)
    expect(result).toMatchObject({ is_error: false })
    expect(Number(result['num_turns'])).toBeGreaterThan(1)
    expect(readFileSync(join(work, 'made.txt'), 'utf8')).toBe('from-the-tool\n')
    rmSync(join(work, 'made.txt'))
    await expect.poll(async () => (await outcomes()).slice(before).length).toBeGreaterThan(1)
  })

  test.runIf(there)(`${mode} mode: a prompt of three and a half megabytes arrives whole`, async () => {
    const before = (await outcomes()).length
    const { code, text } = await run(mode, ['count the words'], 'words and more words. '.repeat(160_000))
    expect(code, text.slice(0, 2_000)).toBe(0)
    const calls = (await outcomes()).slice(before)
    expect(Math.max(...calls.map((call) => Number(call['bodyBytes'])))).toBeGreaterThan(3_500_000)
  })
}

test.runIf(there)('without a credential it is told how to sign in, and nothing goes upstream', async () => {
  const sent = stand.account.parts.received.all().length
  writeFileSync(join(home, 'token'), 'not-a-token')
  const { text } = await run('bedrock', [
    'say hi',
    '--settings',
    JSON.stringify({ env: { CLAUDE_CODE_MAX_RETRIES: '1' } }),
  ])
  expect(text).toContain('CREDENTIAL_INVALID')
  expect(stand.account.parts.received.all()).toHaveLength(sent)
  writeFileSync(join(home, 'token'), await stand.token())
})
