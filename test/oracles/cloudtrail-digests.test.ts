import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { trailArn } from '../../simulator/src/account/cloudtrail-service.ts'
import { accessKeys } from '../../simulator/src/account/estate.ts'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { verifyCloudTrail } from '../../src/app/verify/verify-cloudtrail.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { damagedTree, from, region, treeKeys, until } from '../fakes/damaging.ts'
import { damages } from '../fakes/digest-damage.ts'
import { bucket, type DigestTree, hourMs, type TreeKey } from '../fakes/digest-tree.ts'
import { temporaryDir } from '../fakes/stand.ts'

// AWS's own validator, unmodified, over HTTP on the same trees as ours: where it has an opinion the two agree.

const aws = process.env['TEST_AWSCLI'] ?? ''
const there = existsSync(aws)
if (!there) console.warn('TEST_AWSCLI names no program: `aws cloudtrail validate-logs` was not run')
test.runIf(process.env['CI'])('the AWS command line is there where CI runs', () => expect(there).toBe(true))

const dir = temporaryDir('digests-oracle')
const credentials = {
  AWS_ACCESS_KEY_ID: accessKeys.operator.accessKeyId,
  AWS_SECRET_ACCESS_KEY: accessKeys.operator.secretAccessKey,
}
let account: Account

beforeAll(async () => {
  account = await startAccount({ dataDir: join(dir, 'account') })
  Object.assign(process.env, credentials)
  give(region, treeKeys.home, 'pkcs1')
  give(region, treeKeys.spki, 'spki')
  give('eu-west-1', treeKeys.european, 'pkcs1')
})
afterAll(async () => {
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

function give(name: string, { key }: TreeKey, form: 'pkcs1' | 'spki'): void {
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  account.parts.signingKeys.add(name, { pem, from: from - 24 * hourMs, to: until + 24 * hourMs, form })
}

function fill(tree: DigestTree): void {
  const { store } = account.parts
  for (const key of store.keys(bucket, '')) store.remove(bucket, key)
  for (const [key, { body, metadata }] of tree.objects) if (!key.endsWith('/')) store.put(bucket, key, body, metadata)
}

/** Runs the validator; its words without places and fingerprints, sorted. */
async function askCli(): Promise<{
  readonly code: number | null
  readonly says: readonly string[]
  readonly text: string
}> {
  const time = (at: number) => new Date(at).toISOString()
  const args = ['--trail-arn', trailArn(region), '--start-time', time(from), '--end-time', time(until), '--verbose']
  const child = spawn(aws, ['cloudtrail', 'validate-logs', ...args, '--region', region], {
    env: { PATH: process.env['PATH'] ?? '', HOME: dir, AWS_ENDPOINT_URL: account.url, ...credentials },
  })
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const says = text.split('\n').flatMap((line) => {
    const [, kind, what] = /^((?:\(backfill\) )?(?:Digest|Log) file)\ts3:\/\/\S+\t(INVALID: .*)$/.exec(line) ?? []
    if (kind !== undefined && what !== undefined)
      return [`${kind} ${what.replace(/ (?:in region|with fingerprint) .*/, '')}`]
    return line.startsWith('No log files were delivered by CloudTrail between') ? ['gap'] : []
  })
  return { code, says: says.sort(), text }
}

async function askOurs(): Promise<readonly string[]> {
  const place = { region, endpoints: { s3: account.url, cloudTrail: account.url } }
  const tree = {
    path: `s3://${bucket}`,
    keys: undefined,
    original: undefined,
    since: undefined,
    until,
    toleranceMs: hourMs,
    regions: undefined,
    onProgress: () => undefined,
  }
  const { results } = await verifyCloudTrail(tree, place, systemClock)
  return results.flatMap(({ findings }) => findings.map(({ code }) => code)).sort()
}

describe('over HTTP, with the keys of ListPublicKeys', () => {
  for (const damage of damages) {
    test(`${damage.name}: ours`, async () => {
      fill(damagedTree(damage))
      expect(await askOurs()).toEqual(damage.ours)
    })

    test.runIf(there)(`${damage.name}: validate-logs says ${damage.cli.join('; ') || 'nothing'}`, async () => {
      fill(damagedTree(damage))
      const { code, says, text } = await askCli()
      expect(says, text).toEqual([...damage.cli].sort())
      expect(code).toBe(damage.cli.some((line) => line !== 'gap') ? 1 : 0)
    })
  }
})

/** The one tree that the CLI refuses and ours takes: it reads keys in one form only. */
const keyForm = 'a key that is given as SPKI'

test('whatever the CLI finds invalid or interrupted is a finding of ours too, but for the form of a key', () => {
  const onlyTheirs = damages.filter(({ ours, cli }) => cli.length > 0 && ours.length === 0).map(({ name }) => name)
  expect(onlyTheirs).toEqual([keyForm])
  const onlyOurs = damages.filter(({ ours, cli }) => ours.length > 0 && cli.length === 0)
  expect(onlyOurs.length).toBeGreaterThan(8)
})
