import { generateKeyPairSync, hash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { SequenceAudit } from '../../src/evidence/ledger/audit-sequences.ts'
import { auditTree } from '../../src/evidence/ledger/audit-tree.ts'
import { type Checkpoint, openCheckpoint, signCheckpoint } from '../../src/evidence/ledger/checkpoint.ts'
import { entryText, parseEntry } from '../../src/evidence/ledger/entry.ts'
import { encodeBundle } from '../../src/evidence/ledger/entry-bundle.ts'
import type { Fault } from '../../src/evidence/ledger/fault.ts'
import { type LedgerRecord, openLedger } from '../../src/evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../src/evidence/ledger/ledger-key.ts'
import { leafHash } from '../../src/evidence/ledger/merkle-hash.ts'
import type { TileReader } from '../../src/evidence/ledger/tile-files.ts'
import { tilesIn } from '../../src/evidence/ledger/tile-files.ts'
import { partialTiles, type TilePlace, tilePath, tileWidth, widthOf } from '../../src/evidence/ledger/tile-path.ts'
import { TreeEdge } from '../../src/evidence/ledger/tree-edge.ts'
import { readTree } from '../../src/evidence/ledger/tree-reader.ts'
import { verifierKeyOf } from '../../src/evidence/ledger/verifier-key.ts'
import { verifyConsistency, verifyInclusion } from '../../src/evidence/ledger/verify-proof.ts'

const root = mkdtempSync(join(tmpdir(), 'triptych-ledger-property-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const commitOf = (n: number | string) => hash('sha256', `record ${n}`)
const recordOf = (seq: number): LedgerRecord => ({
  source: 'gateway-gw01',
  seq,
  type: 'call.intent',
  commit: commitOf(seq),
})
const textOf = (seq: number, commit = commitOf(seq)) =>
  Buffer.from(entryText({ source: 'gateway-gw01', seq, type: 'call.intent', commit }))

/** A log in memory: its tiles as they would be on disk. */
class Tiles implements TileReader {
  readonly #files = new Map<string, Buffer>()

  read(place: TilePlace): Promise<Buffer | undefined> {
    return Promise.resolve(this.#files.get(tilePath(place)))
  }

  /** Bundles of `entries`, cut where a tree of `size` cuts them; what is too much stands in the last. */
  setEntries(entries: readonly Buffer[], size: number): void {
    const bundles = Math.ceil(size / tileWidth)
    for (let n = 0; n < bundles; n++) {
      const end = n === bundles - 1 ? entries.length : (n + 1) * tileWidth
      const place: TilePlace = { level: 'entries', n, width: widthOf(0, n, size) }
      this.#files.set(tilePath(place), encodeBundle(entries.slice(n * tileWidth, end)))
    }
  }

  setHashes(entries: readonly Buffer[]): Buffer {
    const edge = new TreeEdge()
    for (const entry of entries)
      for (const { level, n, hashes } of edge.append(leafHash(entry)))
        this.#files.set(tilePath({ level, n, width: tileWidth }), hashes)
    for (const place of partialTiles(edge.size)) this.#files.set(tilePath(place), edge.partial(Number(place.level)))
    return edge.root()
  }
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const key = verifierKeyOf('example.com/log', publicKey)

/** A log of these entries, honestly signed. */
function logOf(entries: readonly Buffer[]): { tiles: Tiles; checkpoint: Checkpoint } {
  const tiles = new Tiles()
  tiles.setEntries(entries, entries.length)
  return { tiles, checkpoint: signCheckpoint(entries.length, tiles.setHashes(entries), key, privateKey) }
}

async function audit(
  tiles: TileReader,
  checkpoint: Checkpoint,
  kept: readonly Checkpoint[] = [],
): Promise<readonly Fault[]> {
  const sequences = new SequenceAudit()
  const onEntries = (first: number, entries: readonly Buffer[]) => {
    for (const [i, entry] of entries.entries()) {
      const parsed = parseEntry(entry.toString('latin1'))
      if (parsed !== undefined) sequences.add(first + i, parsed)
    }
  }
  const tree = await auditTree({ tiles, checkpoint, kept, onEntries })
  return [...tree, ...sequences.faults()]
}

const sizes = fc.integer({ min: 1, max: 300 })
const numbered = (size: number) => Array.from({ length: size }, (_, i) => textOf(i + 1))
const where = fc.nat({ max: 1_000_000 })

interface Change {
  readonly kind: Fault['kind']
  readonly at: number
  readonly entries: readonly Buffer[]
}

/** One change of a list of entries, by name and place. */
function change(kind: string, size: number, a: number, b: number): Change | undefined {
  const entries = numbered(size)
  const at = a % size
  if (kind === 'altered') return { kind, at, entries: entries.with(at, textOf(at + 1, commitOf('other'))) }
  if (kind === 'missing' || kind === 'truncated') {
    const last = at === size - 1
    return { kind: last ? 'truncated' : 'missing', at, entries: entries.toSpliced(at, 1) }
  }
  if (kind === 'repeated') {
    const target = 1 + (b % size)
    const copy = entries[b % (target || 1)]
    return copy === undefined ? undefined : { kind, at: target, entries: entries.toSpliced(target, 0, copy) }
  }
  if (kind === 'inserted')
    return { kind, at, entries: entries.toSpliced(at, 0, textOf(1_000_000, commitOf('foreign'))) }
  const other = b % size
  if (other === at) return undefined
  const [x, y] = [entries[at], entries[other]]
  if (x === undefined || y === undefined) return undefined
  return { kind: 'reordered', at: Math.min(at, other), entries: entries.with(at, y).with(other, x) }
}

const kinds = fc.constantFrom('altered', 'missing', 'repeated', 'inserted', 'reordered')

test('any single changed, dropped, repeated, inserted or exchanged entry is found, named and placed', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, kinds, where, where, async (size, kind, a, b) => {
      const changed = change(kind, size, a, b)
      fc.pre(changed !== undefined)
      const { tiles, checkpoint } = logOf(numbered(size))
      expect(await audit(tiles, checkpoint)).toEqual([])
      tiles.setEntries(changed.entries, size)
      const [fault] = await audit(tiles, checkpoint)
      expect(fault).toMatchObject({ kind: changed.kind, index: changed.at })
    }),
    { numRuns: 400 },
  )
})

test('a log rewritten with its tiles, but without the key, does not lead to what was signed', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, where, async (size, a) => {
      const at = a % size
      const { checkpoint } = logOf(numbered(size))
      const { tiles } = logOf(numbered(size).with(at, textOf(at + 1, commitOf('other'))))
      expect((await audit(tiles, checkpoint))[0]).toMatchObject({ kind: 'altered' })
    }),
    { numRuns: 100 },
  )
})

test('a log rewritten and signed again by the holder of the key is forked from a kept checkpoint, or says itself what it lost', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, kinds, where, where, async (size, kind, a, b) => {
      const changed = change(kind, size, a, b)
      fc.pre(changed !== undefined)
      const { checkpoint: kept } = logOf(numbered(size))
      const { tiles, checkpoint } = logOf(changed.entries)
      const faults = await audit(tiles, checkpoint, [kept])
      if (changed.entries.length < size) expect(faults[0]?.kind).toBe('truncated')
      else if (changed.at < size) expect(faults[0]?.kind).toBe('forked')
      // Without the kept checkpoint the numbers still tell, but for a change that leaves them as they were.
      const alone = (await audit(tiles, checkpoint)).map((fault) => fault.kind)
      if (changed.kind === 'repeated' || changed.kind === 'reordered' || changed.kind === 'missing')
        expect(alone).toContain(changed.kind)
    }),
    { numRuns: 200 },
  )
})

test('a tail cut off and signed again is truncated by any later checkpoint, and nothing without one', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, where, async (size, a) => {
      const left = a % size
      const { checkpoint: kept } = logOf(numbered(size))
      const { tiles, checkpoint } = logOf(numbered(left))
      expect((await audit(tiles, checkpoint, [kept]))[0]).toMatchObject({ kind: 'truncated', index: left })
      expect(await audit(tiles, checkpoint)).toEqual([])
    }),
    { numRuns: 100 },
  )
})

test('every proof that is made verifies, and with one bit turned it does not', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, where, where, where, async (size, a, b, bit) => {
      const entries = numbered(size)
      const { tiles, checkpoint } = logOf(entries)
      const tree = readTree(tiles, checkpoint)
      const index = a % size
      const inclusion = await tree.inclusion(index)
      const claim = { index, size, leafHash: leafHash(entries[index] ?? Buffer.alloc(0)), root: checkpoint.root }
      expect(verifyInclusion(claim, inclusion)).toBe(true)
      const oldSize = b % (size + 1)
      const old = { oldSize, oldRoot: await tree.rootAt(oldSize), newSize: size, newRoot: checkpoint.root }
      const consistency = await tree.consistency(oldSize)
      expect(verifyConsistency(old, consistency)).toBe(true)
      for (const proof of [inclusion, consistency]) {
        if (proof.length === 0) continue
        const bad = proof.map((one) => Buffer.from(one))
        const turned = bad[bit % bad.length]
        if (turned === undefined) continue
        turned[bit % 32] = (turned[bit % 32] ?? 0) ^ (1 << (bit % 8))
        expect(proof === inclusion ? verifyInclusion(claim, bad) : verifyConsistency(old, bad)).toBe(false)
      }
    }),
    { numRuns: 300 },
  )
})

test('whatever the batches, the log on disk is the same tree, opens again and takes nothing twice', async () => {
  const batches = fc.array(fc.integer({ min: 1, max: 260 }), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(batches, async (lengths) => {
      const dir = mkdtempSync(join(root, 'log-'))
      const ledgerKey = await loadLedgerKey(join(dir, 'ledger.key'), 'example.com/log')
      const seen: Checkpoint[] = []
      let seq = 0
      for (const length of lengths) {
        const ledger = await openLedger(join(dir, 'ledger'), ledgerKey)
        const batch = Array.from({ length }, (_, i) => recordOf(seq + i + 1))
        // The batch before once more: a crash behind the checkpoint makes its sender send it again.
        const again = Array.from({ length: Math.min(seq, 3) }, (_, i) => recordOf(seq - i))
        const { appended, skipped, checkpoint } = await ledger.append([...again.reverse(), ...batch])
        expect({ appended, skipped }).toEqual({ appended: length, skipped: again.length })
        seq += length
        seen.push(checkpoint)
        expect(ledger.lastSeq('gateway-gw01')).toBe(seq)
        expect(await ledger.find('gateway-gw01', seq)).toBe(seq - 1)
        if (seq % 2 === 0) await ledger.close()
      }
      const { checkpoint } = logOf(numbered(seq))
      expect(seen.at(-1)?.root).toEqual(checkpoint.root)
      const note = readFileSync(join(dir, 'ledger', 'checkpoint'), 'utf8')
      expect(await audit(tilesIn(join(dir, 'ledger')), openCheckpoint(note, ledgerKey.verifier), seen)).toEqual([])
    }),
    { numRuns: 40 },
  )
})

test('a record with another commit, or one that was stepped over, is a conflict, and nothing of its batch is taken', async () => {
  const dir = mkdtempSync(join(root, 'log-'))
  const ledger = await openLedger(join(dir, 'ledger'), await loadLedgerKey(join(dir, 'ledger.key'), undefined))
  await ledger.append([recordOf(1), recordOf(2), recordOf(5)])
  for (const seq of [2, 3])
    await expect(ledger.append([recordOf(6), { ...recordOf(seq), commit: commitOf('other') }])).rejects.toThrow(
      new RegExp(`LEDGER_CONFLICT.*seq=${seq}`),
    )
  expect(ledger.latest().size).toBe(3)
  const file = { source: 'archive', type: 'file.cloudtrail', commit: commitOf('file') }
  expect(await ledger.append([file, file])).toMatchObject({ appended: 1, skipped: 1 })
  expect(ledger.fileSeq(file.commit)).toBe(1)
})

test('a log whose key, checkpoint or tiles were changed does not open', async () => {
  const dir = mkdtempSync(join(root, 'log-'))
  const ledgerKey = await loadLedgerKey(join(dir, 'ledger.key'), undefined)
  const ledger = await openLedger(join(dir, 'ledger'), ledgerKey)
  await ledger.append(Array.from({ length: 10 }, (_, i) => recordOf(i + 1)))
  await ledger.close()
  const spoil = async (change: (log: string) => void) => {
    const log = join(mkdtempSync(join(root, 'spoiled-')), 'ledger')
    cpSync(join(dir, 'ledger'), log, { recursive: true })
    change(log)
    return openLedger(log, ledgerKey)
  }
  const turn = (path: string) => {
    const bytes = readFileSync(path)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(path, bytes)
  }
  await expect(spoil((log) => turn(join(log, 'tile/0/000.p/10')))).rejects.toThrow('LEDGER_BROKEN')
  await expect(spoil((log) => turn(join(log, 'checkpoint')))).rejects.toThrow('LEDGER_BROKEN')
  await expect(spoil((log) => rmSync(join(log, 'checkpoint')))).rejects.toThrow('LEDGER_BROKEN')
  await expect(spoil((log) => rmSync(join(log, 'tile'), { recursive: true }))).rejects.toThrow('LEDGER_BROKEN')
  const other = await loadLedgerKey(join(dir, 'other.key'), undefined)
  await expect(openLedger(join(dir, 'ledger'), other)).rejects.toThrow('CONFIG_INVALID')
})

test('a snapshot of positions that the log’s key did not sign for this tree is not believed: no record is kept out by it', async () => {
  const dir = mkdtempSync(join(root, 'log-'))
  const [log, ledgerKey] = [join(dir, 'ledger'), await loadLedgerKey(join(dir, 'ledger.key'), undefined)]
  const ledger = await openLedger(log, ledgerKey)
  await ledger.append(Array.from({ length: 10 }, (_, i) => recordOf(i + 1)))
  await ledger.close()
  const path = join(log, 'positions.json')
  const saved = readFileSync(path, 'utf8')
  const unsigned = saved.split('\n')[1] ?? ''
  const changed = [
    saved.replace('[0,10]', '[0,1000000]'),
    unsigned.replace('[0,10]', '[0,1000000]'),
    unsigned,
    '{"v":1,"size":3,"root":"00","marks":[],"files":[]}',
  ]
  for (const text of changed) {
    expect(text).not.toBe(saved)
    writeFileSync(path, text)
    const opened = await openLedger(log, ledgerKey)
    expect([opened.lastSeq('gateway-gw01'), opened.sources()]).toEqual([10, ['gateway-gw01']])
    expect(await opened.find('gateway-gw01', 7)).toBe(6)
  }
})
