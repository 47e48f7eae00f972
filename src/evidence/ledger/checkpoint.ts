import type { KeyObject } from 'node:crypto'
import { TriptychError } from '../../platform/triptych-error.ts'
import { hashBytes } from './merkle-hash.ts'
import { openNote, signNote } from './signed-note.ts'
import type { VerifierKey } from './verifier-key.ts'

/** A signed statement of what a log holds (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string
  /** Number of entries. */
  readonly size: number
  readonly root: Buffer
  /** The whole note, as it is served. */
  readonly note: string
}

/** Signs size and root under the key's name as origin. */
export function signCheckpoint(size: number, root: Buffer, key: VerifierKey, privateKey: KeyObject): Checkpoint {
  const text = `${key.name}\n${size}\n${root.toString('base64')}\n`
  return { origin: key.name, size, root, note: signNote(text, key, privateKey) }
}

/** Opens a checkpoint of this key's log. Throws LEDGER_NOTE_INVALID when it is none, or is of another log. */
export function openCheckpoint(note: string, key: VerifierKey): Checkpoint {
  const { text } = openNote(note, [key])
  const [origin = '', sizeText = '', rootText = '', ...extensions] = text.slice(0, -1).split('\n')
  const size = Number(sizeText)
  const root = Buffer.from(rootText, 'base64')
  const isForm =
    /^(0|[1-9]\d{0,15})$/.test(sizeText) &&
    Number.isSafeInteger(size) &&
    root.length === hashBytes &&
    root.toString('base64') === rootText &&
    !extensions.includes('')
  if (!isForm) throw new TriptychError('LEDGER_NOTE_INVALID', { reason: 'not a checkpoint' })
  if (origin !== key.name) throw new TriptychError('LEDGER_NOTE_INVALID', { reason: 'a checkpoint of another log' })
  return { origin, size, root, note }
}
