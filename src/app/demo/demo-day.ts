import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../platform/files.ts'

// Whether the demo's yesterday has been made; kept beside the configuration.

/** Marks the day as being made, or as made. @param from its beginning, ms */
export async function markDay(dataDir: string, state: 'making' | 'made', from: number): Promise<void> {
  await writeFileAtomic(markOf(dataDir), `${state} ${new Date(from).toISOString().slice(0, 10)}`)
}

/** The day that was made (`2026-11-23`), once it is there, whole. */
export async function madeDay(dataDir: string): Promise<string | undefined> {
  return /^made (\d{4}-\d{2}-\d{2})$/.exec(await readMark(dataDir))?.[1]
}

/** A day that was cut off in the making would be half true: it is made anew. Only ever in the demo's own directory. */
export async function forgetHalfMadeDay(dataDir: string): Promise<void> {
  if (!(await readMark(dataDir)).startsWith('making')) return
  for (const part of ['archive', 'config', 'identities', 'journal', 'simulator', 'store', 'vault', 'second-machine']) {
    await rm(join(dataDir, part), { recursive: true, force: true })
  }
}

function markOf(dataDir: string): string {
  return join(dataDir, 'config', 'demo-day')
}

async function readMark(dataDir: string): Promise<string> {
  return readFile(markOf(dataDir), 'utf8').catch(() => '')
}
