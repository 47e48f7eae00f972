import { concat, fromBase64, sha256, toHex, utf8 } from './bytes.ts'

/** Who may have signed: an Ed25519 key with a name (C2SP signed-note). */
export interface VerifierKey {
  readonly name: string
  readonly id: string
  readonly key: Uint8Array<ArrayBuffer>
}

const ed25519 = 0x01

/** Reads `name+id+base64(type ‖ key)`; undefined for another form, another algorithm, or an id that is not of this name and key. */
export async function parseVerifierKey(text: string): Promise<VerifierKey | undefined> {
  const [, name = '', id = '', encoded = ''] =
    /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? []
  const bytes = fromBase64(encoded)
  if (bytes === undefined || bytes[0] !== ed25519 || bytes.length !== 33) return undefined
  const digest = await sha256(concat(utf8(`${name}\n`), bytes))
  return toHex(digest.subarray(0, 4)) === id ? { name, id, key: bytes.slice(1) } : undefined
}

/** What a signature check came to; `unsupported` when this browser has no Ed25519. */
export type SignatureAnswer = 'holds' | 'fails' | 'not_signed_by_key' | 'unsupported'

/** Checks a note against one key. Signatures of others are passed over. */
export async function checkNote(note: string, key: VerifierKey): Promise<SignatureAnswer> {
  const { text, signatures } = splitNote(note)
  const own = signatures.filter(({ name, blob }) => name === key.name && toHex(blob.subarray(0, 4)) === key.id)
  if (own.length === 0) return 'not_signed_by_key'
  const imported = await crypto.subtle
    .importKey('raw', key.key, { name: 'Ed25519' }, false, ['verify'])
    .catch(() => undefined)
  if (imported === undefined) return 'unsupported'
  for (const { blob } of own)
    if (!(await crypto.subtle.verify({ name: 'Ed25519' }, imported, blob.slice(4), utf8(text)))) return 'fails'
  return 'holds'
}

function splitNote(note: string) {
  const cut = note.lastIndexOf('\n\n')
  const text = note.slice(0, cut + 1)
  const lines = cut === -1 ? [] : note.slice(cut + 2).split('\n')
  const signatures = lines.flatMap((line) => {
    const [, name = '', encoded = ''] = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? []
    const blob = fromBase64(encoded)
    return blob === undefined || blob.length < 5 ? [] : [{ name, blob }]
  })
  return { text, signatures }
}

/** What a log says of itself: how many entries, under which root. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array<ArrayBuffer>
}

/** Reads the text of a checkpoint (C2SP tlog-checkpoint); the signature is checked apart. */
export function parseCheckpoint(note: string): Checkpoint | undefined {
  const [origin = '', sizeText = '', rootText = ''] = note.split('\n')
  const root = fromBase64(rootText)
  const size = Number(sizeText)
  const fits =
    origin !== '' && /^(0|[1-9]\d{0,15})$/.test(sizeText) && Number.isSafeInteger(size) && root?.length === 32
  return fits && root !== undefined ? { origin, size, root } : undefined
}
