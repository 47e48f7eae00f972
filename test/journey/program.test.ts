import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { coverageSchema } from '../../src/app/api/schema/coverage.ts'
import { connectHub } from '../../src/app/cli/hub-client.ts'
import { checkConfig } from '../../src/app/config.ts'
import { verdicts } from '../../src/record/verdict.ts'
import { eventually, runProgram, startProgram } from '../fakes/program.ts'
import { temporaryDir } from '../fakes/stand.ts'

// `npm start`, as a newcomer sees it: the built program, the simulated account, a second terminal.

const dir = temporaryDir('program')
const dataDir = join(dir, 'data')
const env = {
  TRIPTYCH_DATADIR: dataDir,
  TRIPTYCH_GATEWAY__LISTEN: '127.0.0.1:18788',
  TRIPTYCH_HUB__LISTEN: '127.0.0.1:18789',
}
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const command = (...args: string[]) => runProgram(args, env)
const coverage = async () => coverageSchema.parse(JSON.parse((await command('coverage', '--json')).output))

test('the demo shows live calls within a minute and every verdict within two, stops at Ctrl-C and goes on where it was', async () => {
  const program = startProgram(['up'], env)
  await eventually(
    async () => program.output(),
    (text) => /Z {1,2}[A–]G[C–] {2}/.test(text),
    60_000,
  )
  expect(program.output()).toMatch(/is running on a simulated account/)

  const client = await eventually(
    () => connectHub(checkConfig({ dataDir })),
    () => true,
  )
  const seen = new Set<string>()
  const look = async () => {
    const answer = coverageSchema.parse(await client.get('/coverage'))
    for (const [verdict, calls] of Object.entries(answer.verdicts)) if (calls > 0) seen.add(verdict)
    return answer
  }
  await eventually(look, () => seen.size === verdicts.length, 120_000)
  expect([...seen].sort()).toEqual([...verdicts].sort())
  // Every lost call is laid to the journal of the gateway that its call id names.
  const report = await look()
  expect(report.journals.reduce((sum, journal) => sum + journal.lostCalls, 0)).toBe(report.verdicts['lost'])

  const second = await command('up')
  expect(second).toMatchObject({ code: 5, output: expect.stringContaining('DATA_DIR_LOCKED') })
  const hub = await runProgram(['--config', join(dataDir, 'config', 'demo.yaml'), 'hub'], {})
  expect(hub).toMatchObject({ code: 5, output: expect.stringContaining('DATA_DIR_LOCKED') })
  const list = await command('calls', '--verdict', 'bypass', '--limit', '3')
  expect(list).toMatchObject({ code: 0, output: expect.stringContaining('! bypass') })
  // While it runs: every record is an entry, and one of them leaves with a receipt that the key alone confirms.
  const { calls } = JSON.parse((await command('calls', '--verdict', 'corroborated', '--limit', '1', '--json')).output)
  const receipt = join(dir, 'call.tlog-proof')
  const proven = await command('prove', calls[0].callId, '-o', receipt)
  expect(proven).toMatchObject({
    code: 0,
    output: expect.stringMatching(/outcome of the call: gateway-gw01 \d+, entry/),
  })
  const key = readFileSync(join(dataDir, 'ledger', 'log.vkey'), 'utf8').trim()
  const confirmed = await runProgram(['verify', '--data', dir, '--proof', receipt, '--key', key], {})
  expect(confirmed).toMatchObject({ code: 0, output: expect.stringContaining(calls[0].callId) })
  const verified = await runProgram(['verify', '--data', dataDir], {})
  expect(verified).toMatchObject({ code: 0, output: expect.stringMatching(/✓ [\d,]+ entries lead to the signed root/) })
  expect(await command('prove', 'nothing-known')).toMatchObject({
    code: 1,
    output: expect.stringContaining('RESOURCE_NOT_FOUND'),
  })
  const before = await look()
  expect(await program.interrupt()).toBe(0)

  // No hub runs: the command opens the store itself.
  const alone = await coverage()
  expect(alone.total).toBeGreaterThanOrEqual(before.total)
  const again = startProgram(['up'], env)
  await eventually(
    async () => again.output(),
    (text) => /is running/.test(text),
  )
  expect(again.output()).not.toContain('making yesterday')
  expect((await coverage()).total).toBeGreaterThanOrEqual(alone.total)
  expect(await again.interrupt()).toBe(0)
})

async function holdPort() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

test('a port in use, an unwritable directory and a wrong key are each one clear sentence', async () => {
  const { server: taken, port } = await holdPort()
  const inUse = await runProgram(['up'], {
    TRIPTYCH_DATADIR: join(dir, 'second'),
    TRIPTYCH_GATEWAY__LISTEN: `127.0.0.1:${port}`,
    TRIPTYCH_HUB__LISTEN: '127.0.0.1:0',
  })
  taken.close()
  expect(inUse).toMatchObject({
    code: 3,
    output: expect.stringMatching(/LISTEN_FAILED: .*EADDRINUSE[\s\S]*what to do/),
  })
  const { server: hubTaken, port: hubPort } = await holdPort()
  const held = await runProgram(['hub'], {
    TRIPTYCH_DATADIR: join(dir, 'third'),
    TRIPTYCH_HUB__LISTEN: `127.0.0.1:${hubPort}`,
  })
  hubTaken.close()
  expect(held).toMatchObject({ code: 3, output: expect.stringContaining('setting=hub.listen') })
  const unwritable = await runProgram(['up'], { TRIPTYCH_DATADIR: '/dev/null/data' })
  expect(unwritable).toMatchObject({ code: 3, output: expect.stringMatching(/DATA_DIR_UNWRITABLE[\s\S]*what to do/) })
  const wrong = await runProgram(['calls'], { ...env, TRIPTYCH_GATEWAY__LISTN: 'x' })
  expect(wrong).toMatchObject({ code: 2, output: expect.stringContaining('nearest=TRIPTYCH_GATEWAY__LISTEN') })
})

test('genuine CloudTrail files are taken in whole, twice the same, and context is not taken for calls', async () => {
  const own = { TRIPTYCH_DATADIR: join(dir, 'genuine') }
  const fixtures = join(import.meta.dirname, '../fixtures/cloudtrail')
  const first = await runProgram(['ingest', 'cloudtrail', fixtures], own)
  expect(first.output).toMatch(/69 records, of which 1 model calls/)
  expect(first.output).toContain('look at them: triptych calls --since 2024-10-17')
  expect(readFileSync(join(own.TRIPTYCH_DATADIR, '.gitignore'), 'utf8')).toBe('*\n')
  const second = await runProgram(['ingest', 'cloudtrail', fixtures], own)
  expect(second.output).toMatch(/69 records, of which 0 model calls and 69 duplicates/)
  const calls = await runProgram(['calls', '--since', '2024-10-01', '--json'], own)
  // Without a gateway nothing went round it: one witness saw the call, and that is all that is said.
  expect(JSON.parse(calls.output).calls).toMatchObject([
    { verdict: 'uncorroborated', reason: expect.stringContaining('gateway: none is configured') },
  ])
  const missing = await runProgram(['ingest', 'cloudtrail', join(dir, 'nowhere')], own)
  expect(missing).toMatchObject({ code: 1, output: expect.stringContaining('SOURCE_FAILED') })
})

test('a service key is shown once, listed without its secret, and revoked', async () => {
  const made = await command('keys', 'create', 'nightly', '--team', 'platform', '--json')
  const { id, token } = JSON.parse(made.output)
  expect(token).toMatch(/^tsk_/)
  const listed = await command('keys', 'list', '--json')
  expect(listed.output).toContain(id)
  expect(listed.output).not.toContain(token.split('_')[2])
  expect((await command('keys', 'revoke', id)).code).toBe(0)
  expect((await command('keys', 'revoke', 'ffffffffffff')).code).toBe(1)
})
