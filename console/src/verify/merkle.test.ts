import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { fromBase64 } from './bytes.ts'
import { verifyConsistency, verifyInclusion } from './merkle.ts'

const fixtures = join(import.meta.dirname, '../../test/fixtures/merkle')
const hashes = z.nullable(z.array(z.string()))
const base = { name: z.string(), wantErr: z.boolean(), proof: hashes }
const inclusionVectors = z.array(
  z.object({ ...base, leafIdx: z.number(), treeSize: z.number(), root: z.string(), leafHash: z.string() }),
)
const consistencyVectors = z.array(
  z.object({
    ...base,
    size1: z.number(),
    size2: z.number(),
    root1: z.nullable(z.string()),
    root2: z.nullable(z.string()),
  }),
)

const read = (file: string): unknown => JSON.parse(readFileSync(join(fixtures, file), 'utf8'))
const bytes = (text: string | null) => fromBase64(text ?? '') ?? new Uint8Array()
const all = (texts: readonly string[] | null) => (texts ?? []).map(bytes)

test.each(inclusionVectors.parse(read('inclusion.json')))('$name', async (vector) => {
  const claim = { index: vector.leafIdx, size: vector.treeSize, leaf: bytes(vector.leafHash), root: bytes(vector.root) }
  expect(await verifyInclusion(claim, all(vector.proof))).toBe(!vector.wantErr)
})

test.each(consistencyVectors.parse(read('consistency.json')))('$name', async (vector) => {
  const claim = {
    oldSize: vector.size1,
    oldRoot: bytes(vector.root1),
    newSize: vector.size2,
    newRoot: bytes(vector.root2),
  }
  expect(await verifyConsistency(claim, all(vector.proof))).toBe(!vector.wantErr)
})
