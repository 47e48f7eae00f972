import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { parseDeliveredName, parseFolder } from '../../src/capture/access/digests/delivered-name.ts'
import { parseDigestDocument } from '../../src/capture/access/digests/digest-document.ts'
import { archivedKeys, parseArchivedKeys } from '../../src/capture/access/digests/public-keys.ts'
import { validateTree } from '../../src/capture/access/digests/validate-tree.ts'
import { directorySource } from '../../src/platform/objects/directory-source.ts'
import { parseBeside } from '../../src/platform/objects/metadata-beside.ts'
import type { DescribedSource } from '../../src/platform/objects/object-source.ts'
import { TriptychError } from '../../src/platform/triptych-error.ts'
import { from, treeKeys, until, wholeTree } from '../fakes/damaging.ts'
import { account, type DigestTree, hourMs, listOf } from '../fakes/digest-tree.ts'

const dir = mkdtempSync(join(tmpdir(), 'triptych-digest-property-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const regions = fc.constantFrom('us-east-1', 'eu-west-1', 'us-gov-west-1', 'ap-southeast-3')
const trails = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{2,60}$/)
const seconds = fc.integer({ min: 0, max: 4_000_000_000 }).map((at) => at * 1_000)

test('the name of a digest says what it was made of, underscores in the trail’s name included', () => {
  fc.assert(
    fc.property(regions, trails, regions, seconds, fc.boolean(), (region, trail, homeRegion, at, backfill) => {
      const stamp = `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
      const name = `${account}_CloudTrail-Digest_${region}_${trail}_${homeRegion}_${stamp}${backfill ? '_backfill' : ''}.json.gz`
      expect(parseDeliveredName(`any/path/${name}`)).toEqual({
        kind: 'digest',
        account,
        region,
        trail,
        homeRegion,
        at,
        backfill,
      })
    }),
  )
})

test('no text makes the parsers throw', () => {
  const almost = fc.string().map((text) => `AWSLogs/${account}/CloudTrail/${text}/${account}_CloudTrail_${text}`)
  const json = fc.json()
  fc.assert(
    fc.property(fc.oneof(fc.string(), almost, json), (text) => {
      parseDeliveredName(text)
      parseFolder(text)
      parseBeside(text)
      parseArchivedKeys(text, 'us-east-1.json')
      parseDigestDocument(Buffer.from(text))
    }),
    { numRuns: 2_000 },
  )
})

test('a digest whose fields are anything is read or refused with the name of a field', () => {
  const [first] = wholeTree().tree.digests
  const whole: Record<string, unknown> = JSON.parse(gunzipSync(first?.body ?? Buffer.alloc(0)).toString('utf8'))
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (field, value) => {
      const parsed = parseDigestDocument(Buffer.from(JSON.stringify({ ...whole, [field]: value })))
      if ('field' in parsed) expect(parsed.field.split('.')[0]).toBe(field)
    }),
    { numRuns: 1_000 },
  )
})

const parsedKeys = parseArchivedKeys(JSON.stringify(listOf([treeKeys.home])), 'us-east-1.json')
const keys = archivedKeys('keys' in parsedKeys ? parsedKeys.keys : new Map())

/** The tree out of memory: thousands of trees are looked at. */
function inMemory(tree: DigestTree): DescribedSource {
  const names = [...tree.objects.keys()].sort()
  const open = async (key: string) => {
    const found = tree.objects.get(key)
    if (found === undefined) throw new TriptychError('SOURCE_FAILED', { reason: 'ENOENT' })
    return { body: Readable.from(found.body.length === 0 ? [] : [found.body]), metadata: found.metadata }
  }
  return {
    origin: 's3://triptych-sim-trail',
    list: (after, prefix = '') =>
      Readable.from(
        names
          .filter((key) => key.startsWith(prefix) && (after === undefined || key > after))
          .map((key) => ({ key, bytes: tree.get(key).body.length, version: '' })),
      ),
    open: async (key) => (await open(key)).body,
    openDescribed: open,
  }
}

async function codesOf(tree: DigestTree): Promise<readonly string[]> {
  const codes: string[] = []
  const parts = { source: inMemory(tree), keys: () => keys, until, toleranceMs: hourMs }
  for await (const { findings } of validateTree(parts)) codes.push(...findings.map(({ code }) => code))
  return codes
}

test('whichever byte of whichever file is changed, it is found where it changes what the file holds', async () => {
  const whole = wholeTree().tree
  const names = [...whole.objects.keys()]
  expect(await codesOf(whole)).toEqual([])
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (file, at, turn) => {
      const key = names[file % names.length] ?? ''
      const before = whole.get(key)
      const body = Buffer.from(before.body)
      body[at % body.length] = (body[at % body.length] ?? 0) ^ turn
      whole.put(key, body, before.metadata)
      const codes = await codesOf(whole)
      whole.put(key, before.body, before.metadata)
      if (codes.length === 0) expect(unpacked(body)).toEqual(unpacked(before.body))
    }),
    { numRuns: 400 },
  )
})

test('whichever files are taken away, it is found, but for whole hours at the end that nobody waits for yet', async () => {
  const names = [...wholeTree().tree.objects.keys()]
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat({ max: names.length - 1 }), { minLength: 1, maxLength: 6 }),
      async (gone) => {
        const { tree, made } = wholeTree()
        for (const i of gone) tree.objects.delete(names[i] ?? '')
        const codes = await codesOf(tree)
        const onlyNewest = gone.every((i) => names[i] === made.digests.at(-1) || isOfLastHour(names[i] ?? ''))
        if (codes.length === 0) expect(onlyNewest).toBe(true)
      },
    ),
    { numRuns: 150 },
  )
})

function isOfLastHour(key: string): boolean {
  const name = parseDeliveredName(key)
  return name?.kind === 'log' && name.at >= from + 5 * hourMs
}

function unpacked(body: Buffer): string | undefined {
  try {
    return gunzipSync(body).toString('latin1')
  } catch {
    return undefined
  }
}

test('a tree in a directory and one out of memory are judged alike', async () => {
  const { tree, made } = wholeTree()
  tree.objects.delete(made.logs[3] ?? '')
  tree.writeTo(dir)
  const codes: string[] = []
  const parts = { source: directorySource(dir), keys: () => keys, until, toleranceMs: hourMs }
  for await (const { findings } of validateTree(parts)) codes.push(...findings.map(({ code }) => code))
  expect(codes).toEqual(await codesOf(tree))
})
