import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { auditTree } from '../../src/evidence/ledger/audit-tree.ts'
import { openCheckpoint } from '../../src/evidence/ledger/checkpoint.ts'
import { emptyRoot, leafHash, nodeHash } from '../../src/evidence/ledger/merkle-hash.ts'
import { openNote } from '../../src/evidence/ledger/signed-note.ts'
import { tilesIn } from '../../src/evidence/ledger/tile-files.ts'
import { readTree } from '../../src/evidence/ledger/tree-reader.ts'
import { parseVerifierKey } from '../../src/evidence/ledger/verifier-key.ts'
import { verifyConsistency, verifyInclusion } from '../../src/evidence/ledger/verify-proof.ts'

// Other people's vectors (test/fixtures/ledger/PROVENANCE.md) against our reading of the specifications.

const fixtures = join(import.meta.dirname, '../fixtures/ledger')
const vectors = (kind: string) =>
  readdirSync(join(fixtures, 'merkle', kind), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => ({
      name: `${entry.parentPath.split('/').at(-1)}/${entry.name}`,
      ...JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8')),
    }))
const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64')
const proofOf = (proof: readonly string[] | null) => (proof ?? []).map(bytes)

test('leaf, node and empty root are those of RFC 6962', () => {
  expect(emptyRoot.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(leafHash(Buffer.from('L123456')).toString('hex')).toMatch(/^395aa064/)
  expect(nodeHash(leafHash(Buffer.from('a')), leafHash(Buffer.from('b'))).length).toBe(32)
})

test('all 98 inclusion vectors are judged as they say', () => {
  const all = vectors('inclusion')
  expect(all).toHaveLength(98)
  const wrong = all.filter(({ leafIdx, treeSize, leafHash: leaf, root, proof, wantErr }) => {
    const claim = { index: leafIdx, size: treeSize, leafHash: bytes(leaf), root: bytes(root) }
    return verifyInclusion(claim, proofOf(proof)) === wantErr
  })
  expect(wrong.map(({ name }) => name)).toEqual([])
})

test('all 98 consistency vectors are judged as they say, but for the beginning of every tree', () => {
  const all = vectors('consistency')
  expect(all).toHaveLength(98)
  const differs = all.filter(({ size1, size2, root1, root2, proof, wantErr }) => {
    const claim = { oldSize: size1, oldRoot: bytes(root1), newSize: size2, newRoot: bytes(root2) }
    return verifyConsistency(claim, proofOf(proof)) === wantErr
  })
  // That library refuses size 0 as a policy; C2SP tlog-witness takes it with an empty proof, and so do we.
  for (const { size1, wantErr, proof } of differs)
    expect({ size1, wantErr, proof: proofOf(proof) }).toEqual({ size1: 0, wantErr: true, proof: [] })
  expect(differs.length).toBe(3)
})

test('the example of signed-note opens, and no text of it can be changed', () => {
  const key = parseVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
  const note =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
  expect(openNote(note, [key]).text).toBe('This is an example message.\n')
  for (const bad of [
    note.replace('example m', 'exemple m'),
    note.replace('Uw2Q', 'Uw2R'),
    note.slice(0, -1),
    note.replace('\n\n', '\n'),
    note.replace('— ', '- '),
    note.replace('an example', 'an\texample'),
    `${note}\n`,
  ])
    expect(() => openNote(bad, [key]), bad).toThrow('LEDGER_NOTE_INVALID')
  expect(parseVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW').id).toBe('c74f20a3')
  for (const bad of [
    '',
    'a+b',
    'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'a b+00000000+AQ==',
  ])
    expect(() => parseVerifierKey(bad), bad).toThrow('LEDGER_NOTE_INVALID')
})

test('a signature of an unknown key is passed over, a bad one of a known key spoils the note', () => {
  const key = parseVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
  const line =
    '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
  const unknown = `— somebody.else ${Buffer.alloc(68, 1).toString('base64')}\n`
  const bad = `— example.com/foo ${Buffer.concat([Buffer.from('530d903a', 'hex'), Buffer.alloc(64)]).toString('base64')}\n`
  const text = 'This is an example message.\n\n'
  expect(openNote(text + unknown + line, [key]).signedBy).toEqual([key])
  expect(() => openNote(text + unknown, [key])).toThrow('LEDGER_NOTE_INVALID')
  expect(() => openNote(text + line + bad, [key])).toThrow('LEDGER_NOTE_INVALID')
})

const tesseraKey = parseVerifierKey('example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx')

test('all 17 checkpoints of the tessera log verify with their tiles, and each continues the ones before', async () => {
  const dir = join(fixtures, 'tessera-log')
  const names = readdirSync(dir).filter((name) => name.startsWith('checkpoint'))
  expect(names).toHaveLength(17)
  const checkpoints = names.map((name) => openCheckpoint(readFileSync(join(dir, name), 'utf8'), tesseraKey))
  for (const checkpoint of checkpoints) {
    let seen = 0
    const kept = checkpoints.filter((one) => one.size <= checkpoint.size)
    const onEntries = (_first: number, entries: readonly Buffer[]) => {
      seen += entries.length
    }
    expect(await auditTree({ tiles: tilesIn(dir), checkpoint, kept, onEntries })).toEqual([])
    expect(seen).toBe(checkpoint.size)
    const tree = readTree(tilesIn(dir), checkpoint)
    for (const { size, root } of kept) {
      expect(await tree.rootAt(size)).toEqual(root)
      const claim = { oldSize: size, oldRoot: root, newSize: checkpoint.size, newRoot: checkpoint.root }
      expect(verifyConsistency(claim, await tree.consistency(size))).toBe(true)
    }
    for (let index = 0; index < checkpoint.size; index++) {
      const claim = { index, size: checkpoint.size, leafHash: leafHash(await tree.entry(index)), root: checkpoint.root }
      expect(verifyInclusion(claim, await tree.inclusion(index))).toBe(true)
    }
  }
})
