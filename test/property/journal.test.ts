import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { openJournal } from '../../src/platform/journal/journal.ts'
import { hashLine } from '../../src/platform/journal/line.ts'
import { lastSeqIn, positionBefore, recordAt } from '../../src/platform/journal/seek-journal.ts'
import { listSegments } from '../../src/platform/journal/segment-files.ts'
import { isSettled } from '../../src/platform/journal/settled-batch.ts'
import { readSince } from '../../src/platform/journal/tail-journal.ts'
import { isTriptychError } from '../../src/platform/triptych-error.ts'

const made: string[] = []
const newDir = () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-'))
  made.push(dir)
  return dir
}
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})

const open = (dir: string, segmentBytes = 1500) =>
  openJournal({ dir, source: 'gateway-test', clock: systemClock, random: randomBytes, segmentBytes })

async function readAll(dir: string) {
  const lines = []
  let position: Parameters<typeof readSince>[1]
  for (;;) {
    const batch = await readSince(dir, position)
    if (batch === undefined) return lines
    lines.push(...batch.lines)
    position = batch.position
  }
}

test('what was acknowledged is read back in order, over any grouping, rotation and reopening', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }), {
          maxLength: 8,
        }),
        { maxLength: 6 },
      ),
      async (sessions) => {
        const dir = newDir()
        const expected: unknown[] = []
        for (const bodies of sessions) {
          const journal = await open(dir)
          const receipts = await Promise.all(bodies.map((body) => journal.append('a.record', body)))
          expect(receipts.map((receipt) => receipt.seq)).toEqual(
            [...receipts.map((receipt) => receipt.seq)].sort((a, b) => a - b),
          )
          expected.push(...bodies)
          await journal.close()
        }
        const lines = await readAll(dir)
        expect(lines.map(({ line }) => line.seq)).toEqual(lines.map((_, i) => i + 1))
        expect(lines.filter(({ line }) => line.type === 'a.record').map(({ line }) => line.body)).toEqual(
          JSON.parse(JSON.stringify(expected)),
        )
      },
    ),
    { numRuns: 25 },
  )
})

test('any changed byte is found by the reader', async () => {
  const dir = newDir()
  const journal = await open(dir, 1_000_000)
  for (let i = 0; i < 5; i++) await journal.append('a.record', { i })
  await journal.close()
  const path = (await listSegments(dir))[0]?.path ?? ''
  const good = readFileSync(path)
  // The last line's own change shows only when something follows it: the chain says so of every other byte.
  const lastLine = good.lastIndexOf(10, good.length - 2) + 1
  for (let at = 0; at < lastLine; at += 7) {
    const bad = Buffer.from(good)
    bad[at] = (bad[at] ?? 0) ^ 1
    writeFileSync(path, bad)
    const outcome = await readAll(dir).then(
      (lines) => lines.length,
      (cause: unknown) => isTriptychError(cause, 'JOURNAL_BROKEN'),
    )
    expect(outcome, `byte ${at}`).toBe(true)
  }
})

test('a write that a crash cut off is set aside, and the journal goes on behind the last whole record', async () => {
  const dir = newDir()
  const journal = await open(dir, 1_000_000)
  for (let i = 0; i < 3; i++) await journal.append('a.record', { i })
  await journal.close()
  const path = (await listSegments(dir))[0]?.path ?? ''
  appendFileSync(path, '{"v":1,"source":"gateway-test","seq":5,"half')
  const again = await open(dir, 1_000_000)
  expect(again.tail).toMatchObject({ lastSeq: 4, torn: 44 })
  await again.append('a.record', { i: 3 })
  await again.close()
  expect((await readAll(dir)).map(({ line }) => line.seq)).toEqual([1, 2, 3, 4, 5])
})

test('cutting the file at any byte loses nothing before the cut', async () => {
  const dir = newDir()
  const journal = await open(dir, 1_000_000)
  for (let i = 0; i < 4; i++) await journal.append('a.record', { i })
  await journal.close()
  const path = (await listSegments(dir))[0]?.path ?? ''
  const whole = readFileSync(path)
  for (let cut = whole.length; cut > 0; cut -= 37) {
    writeFileSync(path, whole)
    truncateSync(path, cut)
    const kept = whole.subarray(0, cut).toString().split('\n').length - 1
    if (kept === 0) continue
    const again = await open(dir, 1_000_000)
    expect(again.tail.lastSeq).toBe(kept)
    await again.close()
    rmSync(`${path}.torn`, { recursive: true, force: true })
  }
})

test('a removed segment is a break, and a reader may go on behind it', async () => {
  const dir = newDir()
  const journal = await open(dir, 600)
  for (let i = 0; i < 12; i++) await journal.append('a.record', { i })
  await journal.close()
  const segments = await listSegments(dir)
  rmSync(segments[1]?.path ?? '')
  const first = await readSince(dir, undefined)
  await expect(readSince(dir, first?.position)).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
  const behind = await readSince(dir, first?.position, true)
  expect(behind?.lines[0]?.line.seq).toBe(segments[2]?.firstSeq)
})

test('a record that was overwritten is a break; what stands before and behind it is still read', async () => {
  const dir = newDir()
  const journal = await open(dir, 1_000_000)
  for (let i = 0; i < 6; i++) await journal.append('a.record', { i })
  await journal.close()
  const path = (await listSegments(dir))[0]?.path ?? ''
  const lines = readFileSync(path, 'utf8').split('\n')
  lines[3] = 'x'.repeat(lines[3]?.length ?? 0)
  writeFileSync(path, lines.join('\n'))
  const before = await readSince(dir, undefined)
  expect(before?.lines.map(({ line }) => line.seq)).toEqual([1, 2, 3])
  await expect(readSince(dir, before?.position)).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
  expect((await readSince(dir, before?.position, true))?.lines.map(({ line }) => line.seq)).toEqual([5, 6, 7])
  // Its owner does not cut anything off: a broken record is not a torn one.
  await expect(open(dir)).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
})

test('a journal that cannot be written says so, keeps nothing of the failed write, and recovers', async () => {
  const dir = newDir()
  const journal = await open(dir, 1_000_000)
  await journal.append('a.record', { i: 0 })
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  await expect(journal.append('a.record', circular)).rejects.toMatchObject({ code: 'JOURNAL_UNWRITABLE' })
  expect(journal.writable()).toBe(false)
  await journal.append('a.record', { i: 1 })
  expect(journal.writable()).toBe(true)
  await journal.close()
  expect((await readAll(dir)).map(({ line }) => line.seq)).toEqual([1, 2, 3])
})

test('what nothing waits for goes with the next record that is waited for, in order, and by itself soon after', async () => {
  const dir = newDir()
  const journal = await open(dir, 100_000)
  const order: string[] = []
  const note = (name: string) => () => void order.push(name)
  const first = journal.append('test.soon', { n: 1 }, 'soon').then(note('soon'))
  const second = journal.append('test.now', { n: 2 }).then(note('now'))
  await Promise.all([first, second])
  expect(order).toEqual(['soon', 'now'])
  await journal.append('test.soon', { n: 3 }, 'soon')
  const last = journal.append('test.soon', { n: 4 }, 'soon')
  await journal.close()
  await last
  const numbers = (await readAll(dir)).map(({ line }) => line.body['n'])
  expect(numbers.filter((n) => n !== undefined)).toEqual([1, 2, 3, 4])
})

test('a reader finds its place by number, and the text of a record, over segments', async () => {
  const dir = newDir()
  const journal = await open(dir, 400)
  for (let n = 0; n < 20; n++) await journal.append('call.intent', { n })
  await journal.close()
  const lines = await readAll(dir)
  const last = lines.at(-1)?.line.seq ?? 0
  expect(await lastSeqIn(dir)).toBe(last)
  expect(await lastSeqIn(newDir())).toBe(0)
  for (const { line, hash } of lines) {
    const position = await positionBefore(dir, line.seq)
    const batch = await readSince(dir, position)
    expect(batch?.lines[0]?.line.seq).toBeLessThanOrEqual(line.seq)
    expect(batch?.lines.some((one) => one.hash === hash)).toBe(true)
    expect(hashLine((await recordAt(dir, line.seq)) ?? '')).toBe(hash)
  }
  expect(await recordAt(dir, last + 1)).toBeUndefined()
})

test('what was read of a write that its writer cut off again is not settled', async () => {
  const dir = newDir()
  const journal = await open(dir, 1_000_000)
  for (let n = 0; n < 5; n++) await journal.append('call.intent', { n })
  await journal.close()
  const before = await readSince(dir, undefined)
  const [segment] = await listSegments(dir)
  if (before === undefined || segment === undefined) throw new RangeError('nothing was read')
  expect(await isSettled(dir, undefined, before)).toBe(true)
  const bytes = readFileSync(segment.path)
  const again = await open(dir, 1_000_000)
  await again.append('call.intent', { n: 5 })
  await again.close()
  const one = await readSince(dir, before.position)
  if (one === undefined) throw new RangeError('nothing was read')
  expect(await isSettled(dir, before.position, one)).toBe(true)
  writeFileSync(segment.path, bytes)
  expect(await isSettled(dir, before.position, one)).toBe(false)
  const other = await open(dir, 1_000_000)
  await other.append('call.intent', { n: 'another' })
  await other.close()
  expect(await isSettled(dir, before.position, one)).toBe(false)
})

test('a segment ends by its age as well, so that it is finished on a quiet gateway', async () => {
  const dir = newDir()
  let now = 1_000_000
  const open = () =>
    openJournal({
      dir,
      source: 'gateway-test',
      clock: { now: () => now },
      random: randomBytes,
      segmentBytes: 1_000_000,
      segmentMs: 3_600_000,
    })
  const journal = await open()
  await journal.append('a.record', { n: 1 })
  now += 3_599_999
  await journal.append('a.record', { n: 2 })
  now += 1
  await journal.append('a.record', { n: 3 })
  await journal.close()
  expect((await listSegments(dir)).map(({ firstSeq }) => firstSeq)).toEqual([1, 4])
  // Its age is kept over a restart.
  now += 3_600_000
  const again = await open()
  await again.append('a.record', { n: 4 })
  await again.close()
  expect((await listSegments(dir)).map(({ firstSeq }) => firstSeq)).toEqual([1, 4, 6])
  expect((await readAll(dir)).map(({ line }) => line.seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('a writer opens no journal whose last segment lacks its beginning, or does not follow the one before', async () => {
  const dir = newDir()
  const journal = await open(dir, 600)
  for (let i = 0; i < 9; i++) await journal.append('a.record', { i })
  await journal.close()
  const segments = await listSegments(dir)
  const last = segments.at(-1)?.path ?? ''
  const good = readFileSync(last, 'utf8')
  writeFileSync(last, good.split('\n').slice(1).join('\n'))
  await expect(open(dir, 600)).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
  writeFileSync(last, good.replace(/"prev":"[0-9a-f]{4}/, '"prev":"0000'))
  const altered = readFileSync(last)
  await expect(open(dir, 600)).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
  expect(readFileSync(last).equals(altered)).toBe(true)
  writeFileSync(last, good)
  await (await open(dir, 600)).close()
})

test('every byte of the last segment altered: its writer opens it with all records before the change, or not at all', async () => {
  const dir = newDir()
  const journal = await open(dir, 1_000_000)
  for (let i = 0; i < 4; i++) await journal.append('a.record', { i })
  await journal.close()
  const path = (await listSegments(dir))[0]?.path ?? ''
  const good = readFileSync(path)
  const lastLine = good.lastIndexOf(10, good.length - 2) + 1
  for (let at = 0; at < lastLine; at += 5) {
    const bad = Buffer.from(good)
    bad[at] = (bad[at] ?? 0) ^ 1
    writeFileSync(path, bad)
    await expect(open(dir, 1_000_000), `byte ${at}`).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
    expect(readFileSync(path).equals(bad)).toBe(true)
  }
})
