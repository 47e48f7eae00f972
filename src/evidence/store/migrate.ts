import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { TriptychError } from '../../platform/triptych-error.ts'
import { databaseName, type Engine } from './engine.ts'

/** Beside this module, from source as well as from the build. */
const migrationsDirectory = join(import.meta.dirname, 'migrations')

/** Erased rows leave the disk within seconds of a mutation. */
const tableSettings = [
  'cleanup_delay_period = 1',
  'cleanup_delay_period_random_add = 0',
  'old_parts_lifetime = 0',
].join(', ')

const appliedSchema = z.object({ name: z.string(), sha256: z.string() })

/**
 * Brings the schema up to date; each file runs once, in the order of names. A file that was cut off runs again, so its
 * statements say IF NOT EXISTS. Throws STORE_FAILED when a file that was applied has changed since.
 * @returns the names of the files applied now
 */
export async function migrate(engine: Engine, now: number): Promise<readonly string[]> {
  await prepare(engine)
  const applied = await appliedMigrations(engine)
  const done: string[] = []
  for (const name of await migrationNames()) {
    const text = await readFile(join(migrationsDirectory, name), 'utf8')
    const sha256 = createHash('sha256').update(text).digest('hex')
    const before = applied.get(name)
    if (before === sha256) continue
    if (before !== undefined) throw new TriptychError('STORE_FAILED', { reason: 'migration changed', name })
    for (const statement of statementsOf(render(text))) await engine.command(statement)
    await engine.insert('schema_migrations', [{ name, sha256, applied_at: new Date(now).toISOString() }])
    done.push(name)
  }
  return done
}

/** One statement per `;` at the end of a line; lines that are comments are dropped. */
export function statementsOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('--'))
  const statements = lines.join('\n').split(/;[ \t]*(?:\n|$)/)
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== '')
}

async function prepare(engine: Engine): Promise<void> {
  await engine.command(
    render(
      `CREATE TABLE IF NOT EXISTS ${databaseName}.schema_migrations
       (name String, sha256 String, applied_at DateTime64(3, 'UTC'))
       ENGINE = {{plain()}} ORDER BY name SETTINGS {{settings}}`,
    ),
  )
}

async function appliedMigrations(engine: Engine): Promise<ReadonlyMap<string, string>> {
  const sql = `SELECT name, any(sha256) AS sha256 FROM ${databaseName}.schema_migrations GROUP BY name`
  const rows = await engine.rows(appliedSchema, sql, {}, { surface: 'store.migrate' })
  return new Map(rows.map((row) => [row.name, row.sha256]))
}

async function migrationNames(): Promise<readonly string[]> {
  const names = await readdir(migrationsDirectory)
  return names.filter((name) => /^\d{4}-[a-z-]+\.sql$/.test(name)).sort()
}

/** The engine clauses: the only part of the schema that a replicated cluster would have to write differently. */
function render(text: string): string {
  return text
    .replaceAll(/\{\{replacing\(([a-z, ]+)\)\}\}/g, 'ReplacingMergeTree($1)')
    .replaceAll('{{plain()}}', 'MergeTree')
    .replaceAll('{{settings}}', tableSettings)
}
