import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openEmbeddedEngine } from '../../src/evidence/store/engines/embedded.ts'
import { wholeNumber } from '../../src/evidence/store/row.ts'
import { openStore } from '../../src/evidence/store/store.ts'
import { systemClock } from '../../src/platform/clock.ts'

const count = 3_000_000
const source = join(import.meta.dirname, '../../src')

/** Blocks of 200,000 rows, each a part of its own; slow enough to be killed between two of them. */
const insert = `INSERT INTO progress (name, value, revision) SELECT toString(number), '', 1 FROM numbers(${count})
  SETTINGS insert_deduplicate = 0, max_threads = 1, max_block_size = 200000, max_insert_block_size = 200000,
    min_insert_block_size_rows = 200000, min_insert_block_size_bytes = 0`
const counted = z.object({ n: wholeNumber, sum: wholeNumber })

test('kill -9 in the middle of a batch leaves a part; the same statement again makes what is shown exact', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'triptych-kill-'))
  try {
    let partial = await killedAfter(directory, 250)
    for (let wait = 350; (partial === 0 || partial === count) && wait < 1_500; wait += 150) {
      await rm(directory, { recursive: true, force: true })
      partial = await killedAfter(directory, partial === 0 ? wait : 200)
    }
    expect(partial).toBeGreaterThan(0)
    expect(partial).toBeLessThan(count)
    const engine = await openEmbeddedEngine(directory)
    await engine.command(insert)
    await engine.command(insert)
    const sql = "SELECT count() AS n, sum(toUInt64OrZero(name)) AS sum FROM v_progress WHERE match(name, '^[0-9]+$')"
    expect(await engine.rows(counted, sql, {}, { surface: 'test' })).toEqual([
      { n: count, sum: (count * (count - 1)) / 2 },
    ])
    await engine.close()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

/** Starts the batch in a process of its own and kills it; returns how many rows were there afterwards. */
async function killedAfter(directory: string, waitMs: number): Promise<number> {
  const script = `
    import { openEmbeddedEngine } from ${JSON.stringify(join(source, 'evidence/store/engines/embedded.ts'))}
    import { openStore } from ${JSON.stringify(join(source, 'evidence/store/store.ts'))}
    const engine = await openEmbeddedEngine(${JSON.stringify(directory)})
    await openStore({ engine, clock: { now: () => Date.now() } })
    process.stdout.write('ready')
    await engine.command(${JSON.stringify(insert)})
    process.stdout.write('done')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  await new Promise((resolve) => setTimeout(resolve, waitMs))
  child.kill('SIGKILL')
  await gone
  const engine = await openEmbeddedEngine(directory)
  await openStore({ engine, clock: systemClock })
  const rows = await engine.rows(
    counted,
    "SELECT count() AS n, 0 AS sum FROM progress WHERE match(name, '^[0-9]+$')",
    {},
    { surface: 'test' },
  )
  await engine.close()
  return rows[0]?.n ?? 0
}

test('rows whose part was not there after a kill are there after the same insert, although the engine had noted them', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'triptych-part-'))
  const row = { name: 'position', value: 'far', revision: 1 }
  const sql = "SELECT count() AS n, 0 AS sum FROM v_progress WHERE name = 'position'"
  try {
    const before = await openEmbeddedEngine(directory)
    await openStore({ engine: before, clock: systemClock })
    await before.insert('progress', [row])
    const parts = await before.rows(
      z.object({ path: z.string() }),
      "SELECT path FROM system.parts WHERE table = 'progress' AND active",
      {},
      { surface: 'test' },
    )
    await before.close()
    // As a kill between the engine's note and the part's own name leaves it.
    for (const { path } of parts) await rm(path, { recursive: true })
    const engine = await openEmbeddedEngine(directory)
    expect(await engine.rows(counted, sql, {}, { surface: 'test' })).toEqual([{ n: 0, sum: 0 }])
    await engine.insert('progress', [row])
    expect(await engine.rows(counted, sql, {}, { surface: 'test' })).toEqual([{ n: 1, sum: 0 }])
    await engine.close()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
