import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Engine, Params, QueryOptions } from '../../src/evidence/store/engine.ts'
import { openEmbeddedEngine } from '../../src/evidence/store/engines/embedded.ts'
import { wholeNumber } from '../../src/evidence/store/row.ts'
import { openStore } from '../../src/evidence/store/store.ts'
import { HeldClock, systemClock } from '../../src/platform/clock.ts'
import { isTriptychError, type TriptychError } from '../../src/platform/triptych-error.ts'
import { engineKinds, openTestEngine, type TestEngine } from '../fakes/clickhouse-server.ts'

const tag = { surface: 'test' }
const owned = z.object({ owner: wholeNumber, n: wholeNumber })
const counted = z.object({ n: wholeNumber })

let opened: TestEngine
let engine: Engine

/** One query of a kind, which may answer or fail; no row of it may belong to another. */
type Ask = (owner: number) => Promise<'answered' | string>

const numbers = 'SELECT {owner:UInt64} AS owner, number AS n FROM numbers({count:UInt64})'
/** Works for ever and says nothing. */
const silent = `${numbers} WHERE sipHash64(number) = 0`

async function ask(
  sql: string,
  params: Params,
  owner: number,
  count: number | undefined,
  options?: QueryOptions,
): Promise<string> {
  let seen = 0
  try {
    for await (const row of engine.query(owned, sql, params, tag, options)) {
      if (row.owner !== owner) return `a row of ${row.owner} in the answer to ${owner}`
      if (row.n !== seen) return `row ${row.n} where ${seen} belongs`
      seen++
    }
  } catch (cause) {
    return isTriptychError(cause) ? cause.code : `not ours: ${String(cause)}`
  }
  return seen === count ? 'answered' : `${seen} rows of ${count}`
}

const kinds: readonly { readonly expected: readonly string[]; readonly run: Ask }[] = [
  { expected: ['answered'], run: (owner) => ask(numbers, { owner, count: 5 }, owner, 5) },
  { expected: ['answered'], run: (owner) => ask(numbers, { owner, count: 200_000 }, owner, 200_000) },
  {
    expected: ['STORE_FAILED'],
    run: (owner) => ask(`${numbers} WHERE throwIf(number = 150000) = 0`, { owner, count: 300_000 }, owner, undefined),
  },
  {
    expected: ['STORE_LIMIT'],
    run: (owner) => ask(silent, { owner, count: 1e15 }, owner, undefined, { maxSeconds: 0.2 }),
  },
  {
    expected: ['STORE_LIMIT'],
    run: (owner) =>
      ask(
        'SELECT {owner:UInt64} AS owner, n FROM (SELECT number AS n, groupArray(number) OVER () AS big FROM numbers({count:UInt64})) ORDER BY n',
        { owner, count: 5_000_000 },
        owner,
        undefined,
        { maxMemoryBytes: 20_000_000 },
      ),
  },
  {
    expected: ['STORE_FAILED'],
    run: (owner) => {
      const signal = AbortSignal.timeout(15)
      return ask(owner % 2 === 0 ? silent : numbers, { owner, count: 1e15 }, owner, undefined, { signal })
    },
  },
  { expected: ['STORE_FAILED'], run: (owner) => ask('SELECT nothing FROM nowhere', { owner }, owner, undefined) },
]

describe.each(engineKinds)('the %s engine', (kind) => {
  beforeAll(async () => {
    opened = await openTestEngine(kind)
    engine = opened.engine
    await openStore({ engine, clock: systemClock })
  })
  afterAll(() => opened.close())

  test('200 failing and succeeding queries at once: no answer holds a row of another', async () => {
    const asked = Array.from({ length: 200 }, (_, owner) => ({ owner, kind: kinds[owner % kinds.length]! }))
    const wrong: string[] = []
    const lane = async (start: number) => {
      for (let at = start; at < asked.length; at += 10) {
        const { owner, kind } = asked[at]!
        const got = await kind.run(owner)
        if (!kind.expected.includes(got)) wrong.push(`${owner}: ${got}`)
      }
    }
    await Promise.all(Array.from({ length: 10 }, (_, start) => lane(start)))
    expect(wrong).toEqual([])
  })

  test('an aborted query ends at once, also while it has nothing to say', async () => {
    const started = performance.now()
    expect(await ask(silent, { owner: 1, count: 1e15 }, 1, undefined, { signal: AbortSignal.timeout(100) })).toBe(
      'STORE_FAILED',
    )
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('a reader that stops half-way leaves nothing behind for the next', async () => {
    for (let owner = 0; owner < 20; owner++) {
      for await (const row of engine.query(owned, numbers, { owner, count: 1_000_000 }, tag)) {
        expect(row.owner).toBe(owner)
        break
      }
      expect(await ask(numbers, { owner, count: 10 }, owner, 10)).toBe('answered')
    }
  })

  test('a failed command or insert leaves nothing behind for a query', async () => {
    for (let owner = 0; owner < 10; owner++) {
      await expect(engine.command('SELECT number, throwIf(number = 1000) FROM numbers(2000)')).rejects.toThrow(
        'STORE_FAILED',
      )
      await expect(engine.insert('progress', [{ name: 'x', revision: 'not a number' }])).rejects.toThrow('STORE_FAILED')
      expect(await ask(numbers, { owner, count: 3 }, owner, 3)).toBe('answered')
    }
    expect(await progressRows('x')).toBe(0)
  })

  test('a batch that is inserted again shows once, and nothing of it is taken for known', async () => {
    await engine.insert('progress', [row('again-1')])
    await engine.insert('progress', [row('again-1')])
    await engine.insert('progress', [row('again-1'), row('again-2')])
    expect([await progressRows('again-1'), await progressRows('again-2')]).toEqual([1, 1])
  })

  test('a value is a value: SQL in it changes nothing', async () => {
    const values = ["x' or 1=1 --", 'x\\', "x'; DROP TABLE progress; --", '{name:String}', 'é\n\t"', '']
    const one = z.object({ text: z.string(), many: z.array(z.string()) })
    for (const text of values) {
      const rows = await engine.rows(
        one,
        'SELECT {text:String} AS text, {many:Array(String)} AS many',
        { text, many: values },
        tag,
      )
      expect(rows).toEqual([{ text, many: values }])
      await engine.insert('progress', [{ ...row(`sql ${text}`), value: text }])
      expect(await progressRows(`sql ${text}`)).toBe(1)
    }
    await engine.command('INSERT INTO progress (name, revision) SELECT {name:String}, 1', { name: "c' or 1=1 --" })
    expect(await progressRows("c' or 1=1 --")).toBe(1)
  })

  test('a table, tag or bound out of form is refused before the engine sees it', async () => {
    await expect(engine.insert('progress (name) VALUES (1) --', [{}])).rejects.toThrow('QUERY_INVALID')
    await expect(engine.rows(counted, 'SELECT 1 AS n', {}, { surface: "x' --" })).rejects.toThrow('QUERY_INVALID')
    await expect(engine.rows(counted, 'SELECT 1 AS n', {}, tag, { maxSeconds: -1 })).rejects.toThrow('QUERY_INVALID')
  })

  test('an error tells neither a bound value nor what a row held', async () => {
    const secret = 'secret-canary'
    const failing: readonly [string, Params][] = [
      ['SELECT throwIf(1, {secret:String}) AS n', { secret }],
      ['SELECT toUInt64({secret:String}) AS n', { secret }],
      ['SELECT {secret:String} + nothing AS n', { secret }],
      ["SELECT toUInt64(concat('secret-', 'canary')) AS n", {}],
    ]
    for (const [sql, params] of failing) {
      const error = await engine.rows(counted, sql, params, tag).catch((cause: unknown) => cause)
      expect(isTriptychError(error)).toBe(true)
      expect(everythingIn(error as TriptychError)).not.toContain(secret)
    }
  })

  test('a row that has not the form asked for is an error that names the field', async () => {
    const error = await engine.rows(counted, "SELECT 'text' AS n", {}, tag).catch((cause: unknown) => cause)
    expect(isTriptychError(error, 'STORE_FAILED') && error.facts['field']).toBe('n')
  })

  test('64-bit integers and times survive the way out', async () => {
    const sql = "SELECT toUInt64(9007199254740991) AS n, toDateTime64('2026-01-02 03:04:05.678', 3, 'UTC') AS at"
    const rows = await engine.rows(counted.extend({ at: z.iso.datetime() }), sql, {}, tag)
    expect(rows).toEqual([{ n: 9007199254740991, at: '2026-01-02T03:04:05.678Z' }])
    await expect(engine.rows(counted, 'SELECT toUInt64(9007199254740993) AS n', {}, tag)).rejects.toThrow(
      'STORE_FAILED',
    )
  })

  test('progress and batch numbers only go forward, also when the clock is set back', async () => {
    const clock = new HeldClock()
    clock.hold(Date.parse('2026-06-01T00:00:00Z'))
    const first = await openStore({ engine, clock })
    await first.setProgress('reader', 'a')
    const batch = await first.nextBatch()
    clock.hold(Date.parse('2026-01-01T00:00:00Z'))
    const second = await openStore({ engine, clock })
    await second.setProgress('reader', 'b')
    expect(await second.progress('reader')).toBe('b')
    expect(await second.nextBatch()).toBeGreaterThan(batch)
    expect(await second.progress('nobody')).toBeUndefined()
  })
})

test('a second process on the same directory is refused with DATA_DIR_LOCKED', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'triptych-store-'))
  const held = await openEmbeddedEngine(directory)
  const module = join(import.meta.dirname, '../../src/evidence/store/engines/embedded.ts')
  const script = `import { openEmbeddedEngine } from ${JSON.stringify(module)}
    openEmbeddedEngine(${JSON.stringify(directory)}).then(() => 'OPENED', (error) => error.code).then((text) => { process.stdout.write(text); process.exit(0) })`
  const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  expect(child.stdout).toBe('DATA_DIR_LOCKED')
  await held.close()
  await rm(directory, { recursive: true, force: true })
})

function row(name: string) {
  return { name, value: 'v', revision: 1, loaded_at: '2026-01-02T03:04:05.000Z' }
}

async function progressRows(name: string): Promise<number> {
  const rows = await engine.rows(
    counted,
    'SELECT count() AS n FROM v_progress WHERE name = {name:String}',
    { name },
    tag,
  )
  return rows[0]?.n ?? -1
}

function everythingIn(error: TriptychError): string {
  return [error.message, JSON.stringify(error.facts), String(error.stack), String(error.cause)].join('\n')
}
