import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessKeys, buckets } from '../../simulator/src/account/estate.ts'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { cloudTrailReportSchema } from '../../src/app/verify/cloudtrail-report.ts'
import { from, region, treeKeys, wholeTree } from '../fakes/damaging.ts'
import { hourMs, listOf } from '../fakes/digest-tree.ts'
import { temporaryDir } from '../fakes/stand.ts'

// The built program, as an auditor runs it: on a copy without a network, and on a bucket.

const dir = temporaryDir('verify-cloudtrail')
const copy = join(dir, 'copy')
const keys = join(dir, 'keys')
const program = join(import.meta.dirname, '../../bin/triptych.js')
const until = ['--until', new Date(from + 6 * hourMs + 600_000).toISOString()]
const { tree, made } = wholeTree()
let account: Account

beforeAll(async () => {
  tree.writeTo(copy)
  mkdirSync(keys)
  writeFileSync(join(keys, 'us-east-1.json'), JSON.stringify(listOf([treeKeys.home])))
  account = await startAccount({ dataDir: join(dir, 'account'), digests: { periodMs: hourMs } })
})
afterAll(async () => {
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [program, 'verify', 'cloudtrail', ...args], {
    cwd: dir,
    env: { PATH: process.env['PATH'] ?? '', HOME: dir, ...env },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

test('a whole copy with archived keys is fine, and nothing is made of it', async () => {
  const { code, out } = await run([copy, '--keys', keys, ...until])
  expect(code, out).toBe(0)
  expect(out).toContain('✓ 6 digests are signed and linked, and 12 log files are as they were delivered')
  expect(existsSync(join(dir, 'data'))).toBe(false)
})

test('a finding is a sentence with its file and what to do, and the exit code is 1; JSON has its form', async () => {
  const [, , gone = ''] = made.logs
  rmSync(join(copy, gone))
  const { code, out } = await run([copy, '--keys', join(keys, 'us-east-1.json'), ...until])
  expect(code).toBe(1)
  expect(out).toContain(`✗ log_missing  111122223333 ${region} 2026-11-23 01:00:00Z`)
  expect(out).toContain(`A log file that a digest names is not there: ${gone}.`)
  expect(out).toContain('What to do: look for its deletion')
  const json = await run([copy, '--keys', keys, '--json', ...until])
  const report = cloudTrailReportSchema.parse(JSON.parse(json.out))
  expect([json.code, report.ok, report.findings.map((one) => one.code)]).toEqual([1, false, ['log_missing']])
  expect(report.regions[0]?.hours.map(({ state }) => state)).toEqual([
    'valid',
    'findings',
    'valid',
    'valid',
    'valid',
    'valid',
  ])
  tree.writeTo(copy)
})

test('what cannot be done has another exit code and names file and field', async () => {
  const bad = join(dir, 'bad.json')
  writeFileSync(bad, '{"PublicKeyList":[{"Value":7}]}')
  expect(await run([copy, '--keys', bad])).toMatchObject({
    code: 2,
    err: expect.stringContaining('field=PublicKeyList.0.Value'),
  })
  expect(await run([keys, '--keys', keys])).toMatchObject({
    code: 3,
    err: expect.stringContaining('DIGEST_TREE_EMPTY'),
  })
  expect(await run([join(dir, 'nowhere'), '--keys', keys])).toMatchObject({ code: 3 })
  expect(await run([copy, '--keys', keys, '--since', 'yesterday'])).toMatchObject({ code: 2 })
})

test('a log file of many megabytes is read in parts', async () => {
  const large = wholeTree().tree
  const shape = { region, key: treeKeys.home }
  const before = large.digests.at(-1)?.asPrevious ?? null
  const record = (n: number) => ({ n, text: randomBytes(1_000).toString('hex') })
  const log = large.addLog({ region, recordsPerLog: 1_000, record }, from + 6.5 * hourMs)
  large.addDigest(shape, from + 6 * hourMs, from + 7 * hourMs, before, [log])
  large.writeTo(join(dir, 'large'))
  const later = ['--until', new Date(from + 7.1 * hourMs).toISOString()]
  expect(await run([join(dir, 'large'), '--keys', keys, ...later])).toMatchObject({ code: 0 })
  large.put(log.key, Buffer.concat([large.get(log.key).body, Buffer.from('x')]))
  large.writeTo(join(dir, 'large'))
  const { code, out } = await run([join(dir, 'large'), '--keys', keys, ...later])
  expect([code, out]).toEqual([1, expect.stringContaining('log_trailing_bytes')])
})

test('the bucket of a simulated account is verified with the keys that it lists, over its own days', async () => {
  const start = Math.floor(Date.now() / hourMs) * hourMs - 8 * hourMs
  const { parts } = account
  parts.clock.set(start)
  for (const name of ['us-east-1', 'eu-west-1']) {
    parts.digests.setValidation(name, false, true, start)
    parts.digests.write(start + 1_000, () => false)
    parts.digests.setValidation(name, true, true, start)
  }
  for (let hour = 1; hour <= 4; hour++) {
    parts.clock.set(start + hour * hourMs)
    account.deliver()
  }
  parts.clock.release()
  const config = join(dir, 'triptych.yaml')
  writeFileSync(config, `aws:\n  endpoints:\n    s3: ${account.url}\n    cloudTrail: ${account.url}\n`)
  const { accessKeyId, secretAccessKey } = accessKeys.operator
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  const now = ['--until', new Date(start + 4 * hourMs + 60_000).toISOString(), '--json']
  const { code, out, err } = await run([`s3://${buckets.trail}`, ...now], env)
  expect(code, out + err).toBe(0)
  const report = cloudTrailReportSchema.parse(JSON.parse(out))
  expect(report.regions.map((one) => [one.region, one.digestsSigned])).toEqual([
    ['eu-west-1', 4],
    ['us-east-1', 4],
  ])
  const without = await run([`s3://${buckets.trail}`, ...now], { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' })
  expect(without.code).toBe(3)
})
