import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { placesOf } from '../../src/capture/access/digests/places.ts'
import { archivedKeys, type KeysByRegion, parseArchivedKeys } from '../../src/capture/access/digests/public-keys.ts'
import type { RegionResult } from '../../src/capture/access/digests/region-result.ts'
import { type TreeToValidate, validateTree } from '../../src/capture/access/digests/validate-tree.ts'
import { directorySource } from '../../src/platform/objects/directory-source.ts'
import { damagedTree, from, region, treeKeys, until, wholeTree } from '../fakes/damaging.ts'
import { damages } from '../fakes/digest-damage.ts'
import { bucket, DigestTree, hourMs, listOf } from '../fakes/digest-tree.ts'

const root = mkdtempSync(join(tmpdir(), 'triptych-digests-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function keysFor(lists: Readonly<Record<string, object>>): KeysByRegion {
  const parsed = parseArchivedKeys(JSON.stringify(lists), 'keys.json')
  if (!('keys' in parsed)) throw new TypeError(parsed.field)
  return parsed.keys
}

const keys = archivedKeys(
  keysFor({ [region]: listOf([treeKeys.home, treeKeys.spki]), 'eu-west-1': listOf([treeKeys.european]) }),
)

let trees = 0
async function validate(tree: DigestTree, options: Partial<TreeToValidate> = {}, withMetadata = true) {
  const dir = join(root, String(trees++))
  tree.writeTo(dir, withMetadata)
  return validateDir(dir, options)
}

async function validateDir(dir: string, options: Partial<TreeToValidate> = {}) {
  const results: RegionResult[] = []
  const source = directorySource(dir)
  for await (const result of validateTree({ source, keys: () => keys, until, toleranceMs: hourMs, ...options }))
    results.push(result)
  return results
}

const codesOf = (results: readonly RegionResult[]) =>
  results.flatMap(({ findings }) => findings.map(({ code }) => code)).sort()

describe('each kind of damage is told apart', () => {
  test.each(damages)('$name', async (damage) => {
    const results = await validate(damagedTree(damage))
    expect(
      codesOf(results),
      JSON.stringify(
        results.flatMap(({ findings }) => findings),
        null,
        1,
      ),
    ).toEqual(damage.ours)
    const notes = results.flatMap((result) => result.notes.map(({ code }) => code))
    expect(notes).toEqual(expect.arrayContaining([...(damage.notes ?? [])]))
  })
})

test('a whole tree is counted hour by hour', async () => {
  const [result] = await validate(wholeTree().tree)
  expect(result).toMatchObject({
    account: '111122223333',
    region,
    trails: ['triptych-sim-trail-us-east-1'],
    counts: { digests: 6, digestsSigned: 6, backfill: 0, logs: 12, logsValid: 12 },
    settledUntil: from + 6 * hourMs,
  })
  expect(result?.hours).toHaveLength(6)
  expect(result?.hours.every(({ state, digests, logs }) => state === 'valid' && digests === 1 && logs === 2)).toBe(true)
})

test('hours without a digest are said, and findings count in their hour', async () => {
  const { tree, made } = wholeTree()
  tree.objects.delete(made.digests[2] ?? '')
  tree.objects.delete(made.logs[9] ?? '')
  const [result] = await validate(tree)
  expect(result?.hours.map(({ state }) => state)).toEqual([
    'valid',
    'valid',
    'no_digest',
    'findings',
    'findings',
    'valid',
  ])
})

test('without metadata the signatures come from the successors; only the newest cannot be verified', async () => {
  const [result] = await validate(wholeTree().tree, {}, false)
  expect(result?.findings.map(({ code }) => code)).toEqual(['signature_missing'])
  expect(result?.notes).toContainEqual(expect.objectContaining({ code: 'signature_recovered', count: 5 }))
  expect(result?.counts.digestsSigned).toBe(5)
})

test('a later time goes on where the one before ended, and finds what came since', async () => {
  const { tree, made } = wholeTree()
  const since = from + 4 * hourMs
  tree.objects.delete(made.logs[1] ?? '')
  tree.objects.delete(made.logs[11] ?? '')
  const [result] = await validate(tree, { since: () => since })
  expect(result?.findings.map(({ code, file }) => [code, file])).toEqual([['log_missing', made.logs[11]]])
  expect(result?.counts).toMatchObject({ digests: 2, logs: 4 })
  const broken = wholeTree()
  broken.tree.objects.delete(broken.made.digests[4] ?? '')
  expect(codesOf(await validate(broken.tree, { since: () => since }))).toEqual(['digest_missing', 'log_undigested'])
})

test('windows of seconds, as in a demo: a file of the newest minute is not overdue, and going on from there finds nothing new', async () => {
  const tree = new DigestTree()
  const key = { region, key: treeKeys.home }
  let previous: (typeof tree.digests)[number]['asPrevious'] | null = null
  for (let i = 0; i < 20; i++) {
    const start = from + i * 30_000
    const logs = [tree.addLog({ region }, start + 5_000), tree.addLog({ region }, start + 25_000)]
    previous = tree.addDigest(key, start, start + 30_000, previous, logs).asPrevious
  }
  // The newest window ends in the middle of a minute, and with it.
  for (const end of [from + 570_000, from + 600_000]) {
    const looked = new DigestTree()
    for (const [name, { body, metadata }] of tree.objects) looked.put(name, body, metadata)
    looked.addLog({ region }, end + 10_000)
    const later = { until: end + 20_000, toleranceMs: 60_000 }
    expect(codesOf(await validate(looked, later))).toEqual([])
    for (const since of [from + 300_000, from + 330_000, end])
      expect(codesOf(await validate(looked, { ...later, since: () => since }))).toEqual([])
  }
})

test('an organisation’s trail, two trails in one bucket and two regions are held apart', async () => {
  const tree = new DigestTree()
  const shape = { region, key: treeKeys.home, from, hours: 6 }
  tree.addChain({ ...shape, organisation: 'o-exampleorg1' })
  tree.addChain({ ...shape, trail: 'other_trail', logsPerHour: 1 })
  tree.addChain(shape)
  tree.addChain({ ...shape, region: 'eu-west-1', key: treeKeys.european })
  const results = await validate(tree)
  expect(codesOf(results)).toEqual([])
  expect(
    results.map((result) => [result.base.endsWith('o-exampleorg1/111122223333'), result.region, result.counts.digests]),
  ).toEqual([
    [false, 'eu-west-1', 6],
    [false, region, 12],
    [true, region, 6],
  ])
  expect(codesOf(await validate(tree, { regions: ['eu-west-1', 'ap-south-1'] }))).toEqual(['no_digests'])
})

test('a part of the tree, below the account or one region, is validated too', async () => {
  const dir = join(root, 'part')
  wholeTree().tree.writeTo(dir)
  for (const below of ['AWSLogs', 'AWSLogs/111122223333'])
    expect(codesOf(await validateDir(join(dir, below)))).toEqual([])
})

test('files that were copied under another prefix are valid and noted where it is said, and else moved', async () => {
  const tree = new DigestTree()
  const made = wholeTree()
  for (const [key, { body, metadata }] of made.tree.objects)
    tree.put(key.replace('AWSLogs/', 'copy/2026/AWSLogs/'), body, metadata)
  const dir = join(root, 'copied')
  tree.writeTo(dir)
  // A directory has no bucket and no prefix of its own: what follows the account must fit.
  expect(codesOf(await validateDir(join(dir)))).toEqual([])
  expect(codesOf(await validateDir(join(dir, 'copy/2026'), { original: `s3://${bucket}` }))).toEqual([])
  const wrong = codesOf(await validateDir(join(dir, 'copy/2026'), { original: 's3://another-bucket' }))
  expect(new Set(wrong)).toEqual(new Set(['digest_moved', 'chain_elsewhere', 'log_missing', 'log_undigested']))
})

test('nothing outside of what was given is read, whatever a digest names', () => {
  const within = placesOf('s3://logs/a/AWSLogs', undefined)
  expect(within.keyOf({ bucket: 'logs', object: 'a/AWSLogs/x' }, 'k')).toBe('a/AWSLogs/x')
  expect(within.keyOf({ bucket: 'logs', object: 'secrets/x' }, 'k')).toBeUndefined()
  expect(within.keyOf({ bucket: 'other', object: 'a/AWSLogs/x' }, 'k')).toBeUndefined()
  const copy = placesOf('s3://archive/old', 's3://logs/a')
  expect(copy.keyOf({ bucket: 'logs', object: 'a/AWSLogs/x' }, 'k')).toBe('old/AWSLogs/x')
  expect(copy.keyOf({ bucket: 'archive', object: 'old/AWSLogs/x' }, 'k')).toBeUndefined()
  expect(copy.holds('old/AWSLogs/x', { bucket: 'logs', object: 'a/AWSLogs/x' }, undefined)).toBe('moved')
  expect(copy.holds('old/AWSLogs/y', { bucket: 'logs', object: 'a/AWSLogs/x' }, undefined)).toBe('no')
})

test('a tree in which nothing of CloudTrail lies is an error', async () => {
  const tree = new DigestTree()
  tree.put('AWSLogs/111122223333/elasticloadbalancing/us-east-1/2026/11/23/x.log.gz', Buffer.from('x'))
  await expect(validate(tree)).rejects.toMatchObject({ code: 'DIGEST_TREE_EMPTY' })
})
