import { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import { type BatchNumbers, openBatchNumbers } from './batch-numbers.ts'
import type { Engine } from './engine.ts'
import { migrate } from './migrate.ts'
import { readProgress, writeProgress } from './progress.ts'
import { hasSourceFile, noteSourceFile, noteSourceFiles, type SourceFile, type SourceKind } from './source-files.ts'

/** What opening the store needs. */
export interface StoreParts {
  readonly engine: Engine
  readonly clock: Clock
  /** Whether files come from a simulated account; every row says so. Default false. */
  readonly simulated?: boolean
}

/** The tables with their bookkeeping: how far readers are, which files are in, in which order loads came. */
export interface Store extends BatchNumbers {
  /** What was noted under this name; undefined when nothing was. */
  progress(name: string): Promise<string | undefined>
  setProgress(name: string, value: string): Promise<void>
  /** True when a file of these bytes has been loaded whole. */
  hasFile(kind: SourceKind, fileId: string): Promise<boolean>
  /** The last step of a load: from here on the file is in. */
  noteFile(file: SourceFile): Promise<void>
  /** The same for several without a rejected record. */
  noteFiles(files: readonly SourceFile[]): Promise<void>
}

const loadingSchema = z.object({ name: z.string() })

/** Brings the schema up to date and clears what an interrupted load left behind. */
export async function openStore(parts: StoreParts): Promise<Store> {
  const { engine, clock, simulated = false } = parts
  await migrate(engine, clock.now())
  await dropLoadingTables(engine)
  const progress = (name: string) => readProgress(engine, name)
  const setProgress = (name: string, value: string) => writeProgress(engine, name, value, clock.now())
  const batches = await openBatchNumbers(progress, setProgress)
  return {
    ...batches,
    progress,
    setProgress,
    hasFile: (kind, fileId) => hasSourceFile(engine, kind, fileId),
    async noteFile(file) {
      const batch = await batches.nextBatch()
      await noteSourceFile(engine, file, { batch, loadedAt: new Date(clock.now()).toISOString(), simulated })
    },
    async noteFiles(files) {
      const batch = await batches.nextBatch()
      await noteSourceFiles(engine, files, { batch, loadedAt: new Date(clock.now()).toISOString(), simulated })
    },
  }
}

async function dropLoadingTables(engine: Engine): Promise<void> {
  const sql = `SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'loading_')`
  const left = await engine.rows(loadingSchema, sql, {}, { surface: 'store.open' })
  for (const { name } of left) await engine.command(`DROP TABLE IF EXISTS ${name} SYNC`)
}
