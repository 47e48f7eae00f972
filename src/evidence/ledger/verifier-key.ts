import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import { TriptychError } from '../../platform/triptych-error.ts'

/** Who may have signed a note: an Ed25519 key with a name. */
export interface VerifierKey {
  readonly name: string
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key), hexadecimal. */
  readonly id: string
  readonly publicKey: KeyObject
  /** `name+id+base64(type ‖ key)` */
  readonly text: string
}

const ed25519 = 0x01
/** SubjectPublicKeyInfo of Ed25519 (RFC 8410 §4), before the 32 bytes of the key. */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex')
const longestName = 255

/** Whether a text may name a key: not empty, without white space and `+` (C2SP signed-note). */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= longestName && !/[\s+\p{White_Space}\p{Cc}]/u.test(name)
}

/** Reads the vkey of C2SP signed-note. Throws LEDGER_NOTE_INVALID for another form, another algorithm or a wrong id. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', id = '', encoded = ''] =
    /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (!isKeyName(name)) throw invalid('not a verifier key')
  if (bytes[0] !== ed25519 || bytes.length !== 33) throw invalid('not an Ed25519 key')
  if (keyIdOf(name, bytes) !== id) throw invalid('the id of the key is not of this name and key')
  return keyOf(name, bytes)
}

/** The verifier key of a public key. Throws LEDGER_NOTE_INVALID for a name that a note cannot hold. */
export function verifierKeyOf(name: string, publicKey: KeyObject): VerifierKey {
  if (!isKeyName(name)) throw invalid('not a name for a key')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiHead.length)
  return keyOf(name, Buffer.concat([Buffer.from([ed25519]), raw]))
}

function keyOf(name: string, typed: Buffer): VerifierKey {
  const id = keyIdOf(name, typed)
  const key = Buffer.concat([spkiHead, typed.subarray(1)])
  const publicKey = createPublicKey({ key, format: 'der', type: 'spki' })
  return { name, id, publicKey, text: `${name}+${id}+${typed.toString('base64')}` }
}

function keyIdOf(name: string, typed: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), typed]), 'hex').slice(0, 8)
}

function invalid(reason: string): TriptychError {
  return new TriptychError('LEDGER_NOTE_INVALID', { reason })
}
