import * as z from 'zod/mini'
import { fromBase64, toBase64 } from './bytes.ts'
import type { Checkpoint } from './signed-note.ts'

const keptName = 'triptych.checkpoint'
const keptSchema = z.object({
  origin: z.string(),
  size: z.number(),
  root: z.string(),
  seenAt: z.string(),
  key: z.string(),
})

/** The largest checkpoint that this browser has verified, and under which key. */
export interface KeptCheckpoint extends Checkpoint {
  readonly seenAt: string
  readonly key: string
}

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>

/** What this browser saw last; undefined when it is here for the first time. */
export function keptCheckpoint(storage: Storage): KeptCheckpoint | undefined {
  try {
    const said = keptSchema.safeParse(JSON.parse(storage.getItem(keptName) ?? 'null'))
    const root = said.success ? fromBase64(said.data.root) : undefined
    return said.success && root !== undefined ? { ...said.data, root } : undefined
  } catch {
    return undefined
  }
}

/** Keeps a checkpoint whose signature and consistency held. */
export function keepCheckpoint(
  storage: Storage,
  { origin, size, root }: Checkpoint,
  key: string,
  seenAt: string,
): void {
  storage.setItem(keptName, JSON.stringify({ origin, size, root: toBase64(root), seenAt, key }))
}
