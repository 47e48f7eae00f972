import { z } from 'zod'
import type { Engine } from './engine.ts'
import { wholeNumber } from './row.ts'

const progressSchema = z.object({ value: z.string(), revision: wholeNumber })
const sql = 'SELECT value, revision FROM v_progress WHERE name = {name:String}'
const tag = { surface: 'store.progress' }

/** What was last written under a name. */
export async function readProgress(engine: Engine, name: string): Promise<string | undefined> {
  return (await engine.rows(progressSchema, sql, { name }, tag))[0]?.value
}

/** Writes over what stood under a name. Writers of one name take turns. */
export async function writeProgress(engine: Engine, name: string, value: string, now: number): Promise<void> {
  const before = (await engine.rows(progressSchema, sql, { name }, tag))[0]
  // Counted, not timed: a clock that is set back must not make an old value win.
  const revision = (before?.revision ?? 0) + 1
  const row = { name, value, revision, loaded_at: new Date(now).toISOString() }
  await engine.insert('progress', [row])
}
