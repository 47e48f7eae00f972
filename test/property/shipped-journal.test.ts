import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { openJournal } from '../../src/platform/journal/journal.ts'
import { listSegments } from '../../src/platform/journal/segment-files.ts'
import { type JournalPosition, readSince } from '../../src/platform/journal/tail-journal.ts'
import { openShippedJournal } from '../../src/platform/shipping/accept-piece.ts'
import { openPiece, type Piece, sealPiece } from '../../src/platform/shipping/envelope.ts'
import { cutPiece } from '../../src/platform/shipping/piece-records.ts'

// Whatever happens to pieces on their way, and in whatever order they come: what is rebuilt verifies.

const key = randomBytes(32)
const root = mkdtempSync(join(tmpdir(), 'shipped-'))
const from = join(root, 'from')
let whole: Buffer
/** Two ways of cutting one journal into pieces: small ones, and ones that hold several of them. */
let pieces: readonly Piece[]

const bytesOf = async (dir: string) => Buffer.concat((await listSegments(dir)).map(({ path }) => readFileSync(path)))

async function cutAll(maxBytes: number): Promise<readonly Piece[]> {
  const found: Piece[] = []
  let position: JournalPosition | undefined
  for (;;) {
    const cut = await cutPiece(from, 'gateway-test', position, Number.POSITIVE_INFINITY, maxBytes)
    if (cut === undefined) return found
    found.push({ ...cut.piece, body: Buffer.from(cut.piece.body) })
    position = cut.position
  }
}

async function verified(dir: string): Promise<number> {
  let position: JournalPosition | undefined
  for (;;) {
    const batch = await readSince(dir, position)
    if (batch === undefined) return position?.seq ?? 0
    position = batch.position
  }
}

beforeAll(async () => {
  const options = { dir: from, source: 'gateway-test', clock: systemClock, random: randomBytes, segmentBytes: 1_500 }
  const journal = await openJournal(options)
  // Appended one by one, so that a reading of one byte takes one record.
  for (let i = 0; i < 24; i++) await journal.append('a.record', { i, text: 'x'.repeat((i * 37) % 90) })
  await journal.close()
  whole = await bytesOf(from)
  pieces = [...(await cutAll(1)), ...(await cutAll(1_000_000))]
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** How far the longest of the journals came: a test that refuses everything proves nothing. */
let furthest = 0

type Harm = 'none' | 'flip' | 'cut' | 'drop-line' | 'rename'
/** Any piece, or the one that goes on: else hardly a journal would ever grow. */
interface Step {
  readonly which: number | 'next'
  readonly harm: Harm
  readonly at: number
  readonly reopen: boolean
}
const step: fc.Arbitrary<Step> = fc.record({
  which: fc.oneof({ weight: 4, arbitrary: fc.constant('next' as const) }, { weight: 1, arbitrary: fc.nat(10_000) }),
  harm: fc.constantFrom<Harm>('none', 'none', 'none', 'flip', 'cut', 'drop-line', 'rename'),
  at: fc.nat(100_000),
  reopen: fc.boolean(),
})

function harmed(bytes: Buffer, harm: Harm, at: number): Buffer {
  if (harm === 'flip') {
    const other = Buffer.from(bytes)
    other[at % other.length] = (other[at % other.length] ?? 0) ^ 1
    return other
  }
  if (harm === 'cut') return bytes.subarray(0, at % bytes.length)
  if (harm === 'drop-line') {
    const lines = bytes.toString('latin1').split('\n')
    lines.splice(at % lines.length, 1)
    return Buffer.from(lines.join('\n'), 'latin1')
  }
  return bytes
}

async function taken(dir: string, steps: readonly Step[], resealed: boolean): Promise<void> {
  let journal = await openShippedJournal(dir)
  for (const { which, harm, at, reopen } of steps) {
    if (reopen) journal = await openShippedJournal(dir)
    const { lastSeq } = journal
    const piece = which === 'next' ? pieces.find(({ last }) => last > lastSeq) : pieces[which % pieces.length]
    if (piece === undefined) continue
    const renamed = harm === 'rename' ? { ...piece, first: piece.first + 1, last: piece.last + 1 } : piece
    const sent = resealed
      ? sealPiece(key, { ...renamed, body: harmed(piece.body, harm, at) })
      : harmed(sealPiece(key, renamed), harm, at)
    const opened = openPiece(key, sent)
    if (typeof opened === 'string') continue
    const before = await bytesOf(dir)
    const became = await journal.accept(opened)
    const after = await bytesOf(dir)
    expect(after.subarray(0, before.length).equals(before)).toBe(true)
    if (became !== 'accepted') expect(after.length).toBe(before.length)
  }
}

test('pieces in any order, doubled, cut, altered, renamed: the journal is always a beginning of the one that was shipped, and verifies', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 90 }), async (steps) => {
      const dir = mkdtempSync(join(root, 'to-'))
      await taken(dir, steps, false)
      const bytes = await bytesOf(dir)
      expect(bytes.equals(whole.subarray(0, bytes.length))).toBe(true)
      furthest = Math.max(furthest, await verified(dir))
    }),
    { numRuns: 150 },
  )
  expect(furthest).toBeGreaterThan(8)
})

test('even pieces that were altered by somebody who holds the key never make a journal that does not verify', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 90 }), async (steps) => {
      const dir = mkdtempSync(join(root, 'to-'))
      await taken(dir, steps, true)
      const last = await verified(dir)
      expect((await openShippedJournal(dir)).lastSeq).toBe(last)
    }),
    { numRuns: 150 },
  )
})

test('all pieces in order, each twice, make the same files', async () => {
  const dir = mkdtempSync(join(root, 'to-'))
  const journal = await openShippedJournal(dir)
  for (const piece of await cutAll(1)) {
    expect(await journal.accept(piece)).toBe('accepted')
    expect(await journal.accept(piece)).toBe('known')
  }
  expect((await bytesOf(dir)).equals(whole)).toBe(true)
  expect((await listSegments(dir)).map(({ firstSeq }) => firstSeq)).toEqual(
    (await listSegments(from)).map(({ firstSeq }) => firstSeq),
  )
})

test('every cut of a piece that carries several, and every byte of it altered, is refused whole', () => {
  const sealed = sealPiece(key, pieces.at(-1) as Piece)
  for (let at = 0; at < sealed.length; at++) {
    expect(typeof openPiece(key, sealed.subarray(0, at))).toBe('string')
    expect(typeof openPiece(key, harmed(sealed, 'flip', at))).toBe('string')
  }
  expect(typeof openPiece(randomBytes(32), sealed)).toBe('string')
})
