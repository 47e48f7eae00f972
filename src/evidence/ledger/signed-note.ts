import { type KeyObject, sign, verify } from 'node:crypto'
import { TriptychError } from '../../platform/triptych-error.ts'
import { isKeyName, type VerifierKey } from './verifier-key.ts'

// C2SP signed-note: text, an empty line, then lines `— name base64(key id ‖ signature)`.

const mostSignatures = 64
const signatureLine = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/u

/** A note whose signatures by known keys all hold; there is at least one. */
export interface OpenedNote {
  /** What was signed, with its last line feed. */
  readonly text: string
  readonly signedBy: readonly VerifierKey[]
}

/** Signs a text. Throws LEDGER_NOTE_INVALID for one that is no note text. */
export function signNote(text: string, key: VerifierKey, privateKey: KeyObject): string {
  if (!isNoteText(text)) throw invalid('not the text of a note')
  const signature = sign(null, Buffer.from(text, 'utf8'), privateKey)
  const line = Buffer.concat([Buffer.from(key.id, 'hex'), signature]).toString('base64')
  return `${text}\n— ${key.name} ${line}\n`
}

/** Splits a note and checks it. Signatures of unknown keys are passed over; a bad one of a known key spoils it. Throws LEDGER_NOTE_INVALID. */
export function openNote(note: string, known: readonly VerifierKey[]): OpenedNote {
  const cut = note.lastIndexOf('\n\n')
  const text = note.slice(0, cut + 1)
  if (cut === -1 || !isNoteText(text)) throw invalid('not a note')
  const lines = note.slice(cut + 2).split('\n')
  if (lines.pop() !== '' || lines.length === 0 || lines.length > mostSignatures) throw invalid('not a note')
  const signedBy = lines.flatMap((line) => signerOf(line, text, known))
  if (signedBy.length === 0) throw invalid('not signed by a known key')
  return { text, signedBy }
}

function signerOf(line: string, text: string, known: readonly VerifierKey[]): readonly VerifierKey[] {
  const [, name = '', encoded = ''] = signatureLine.exec(line) ?? []
  const blob = Buffer.from(encoded, 'base64')
  if (!isKeyName(name) || blob.length < 5) throw invalid('not a signature line')
  const id = blob.subarray(0, 4).toString('hex')
  const key = known.find((candidate) => candidate.name === name && candidate.id === id)
  if (key === undefined) return []
  if (!verify(null, Buffer.from(text, 'utf8'), key.publicKey, blob.subarray(4)))
    throw invalid('a signature does not hold')
  return [key]
}

function isNoteText(text: string): boolean {
  // U+FFFD is what bytes that are no UTF-8 were read as.
  return text.endsWith('\n') && !text.includes('\ufffd') && !hasControl(text)
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 && code !== 0x0a) return true
  }
  return false
}

function invalid(reason: string): TriptychError {
  return new TriptychError('LEDGER_NOTE_INVALID', { reason })
}
