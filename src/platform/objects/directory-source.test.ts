import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { directorySource } from './directory-source.ts'
import { parseBeside } from './metadata-beside.ts'

const dir = mkdtempSync(join(tmpdir(), 'triptych-objects-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const put = (key: string, text = key) => {
  mkdirSync(dirname(join(dir, key)), { recursive: true })
  writeFileSync(join(dir, key), text)
}
const source = directorySource(dir)
async function keys(after?: string, prefix?: string) {
  const found: string[] = []
  for await (const { key } of source.list(after, prefix)) found.push(key)
  return found
}
const all = ['a/x', 'a-b/y', 'a-b/z', 'a.json', 'b'].sort()
for (const key of all) put(key)

test('keys come in the order that S3 gives them, folders with their slash', async () => {
  expect(await keys()).toEqual(all)
})

test('listing goes on behind a key, and stays within the beginning of one', async () => {
  for (const after of ['', 'a', 'a-b/y', 'a-b0', 'a.json', 'a/', 'zz'])
    expect(await keys(after)).toEqual(all.filter((key) => key > after))
  for (const prefix of ['a', 'a-b/', 'a-b/z', 'a/', 'c'])
    expect(await keys(undefined, prefix)).toEqual(all.filter((key) => key.startsWith(prefix)))
  expect(await keys('a-b/y', 'a-b/')).toEqual(['a-b/z'])
})

test('what stands beside a file is its metadata; without it there is none', async () => {
  put('a/x.metadata.json', JSON.stringify({ Metadata: { Signature: 'ab' }, original: 's3://bucket/x', ETag: '"0"' }))
  const { body, ...described } = await source.openDescribed('a/x')
  body.destroy()
  expect(described).toEqual({ metadata: { signature: 'ab' }, original: 's3://bucket/x' })
  const plain = await source.openDescribed('b')
  plain.body.destroy()
  expect(plain.metadata).toEqual({})
})

test('the forms of a metadata file, and the field of one that has none of them', () => {
  expect(parseBeside('{"signature":"ab","x-amz-meta-signature-algorithm":"S"}')).toEqual({
    metadata: { signature: 'ab', 'signature-algorithm': 'S' },
  })
  expect(parseBeside('{"signature":7}')).toEqual({ metadata: {}, metadataFault: 'signature' })
  expect(parseBeside('{"Metadata":{"signature":7}}')).toEqual({ metadata: {}, metadataFault: 'Metadata.signature' })
  expect(parseBeside('{"Metadata":7}')).toEqual({ metadata: {}, metadataFault: 'Metadata' })
  expect(parseBeside('signature')).toEqual({ metadata: {}, metadataFault: 'JSON' })
  expect(parseBeside('[]')).toEqual({ metadata: {}, metadataFault: 'JSON' })
})
