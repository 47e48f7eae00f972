import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import { ensureWritableDir, readIfThere, writeFileAtomic } from '../../platform/files.ts'
import { parseJson } from '../../platform/json/parse-json.ts'

const useSchema = z.record(z.string().regex(/^[0-9a-f]{12}$/), z.iso.datetime())

/** When each service key was last used at one gateway; kept apart from the keys, which somebody else writes. */
export interface KeyUse {
  note(id: string): void
  /** Writes what is new. */
  save(): Promise<void>
}

/** @param dir one directory for all gateways of a data directory, a file for each */
export async function openKeyUse(dir: string, source: string, clock: Clock): Promise<KeyUse> {
  const path = join(dir, `${source}.json`)
  const used = new Map(Object.entries(await readUse(path)))
  let changed = false
  return {
    note(id) {
      used.set(id, new Date(clock.now()).toISOString())
      changed = true
    },
    async save() {
      if (!changed) return
      changed = false
      await ensureWritableDir(dir)
      await writeFileAtomic(path, JSON.stringify(Object.fromEntries(used)))
    },
  }
}

/** The last use of each key, at whichever gateway it was. */
export async function readKeyUse(dir: string): Promise<ReadonlyMap<string, string>> {
  const latest = new Map<string, string>()
  const files = await readdir(dir).catch(() => [])
  for (const name of files.filter((file) => file.endsWith('.json')))
    for (const [id, at] of Object.entries(await readUse(join(dir, name))))
      if (at > (latest.get(id) ?? '')) latest.set(id, at)
  return latest
}

async function readUse(path: string): Promise<Readonly<Record<string, string>>> {
  const bytes = await readIfThere(path)
  return bytes === undefined ? {} : (useSchema.safeParse(parseJson(bytes)).data ?? {})
}
