import { hkdfSync, randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureWritableDir, syncDir } from './files.ts'
import { errnoOf, TriptychError } from './triptych-error.ts'

/** What a key is for; each purpose has a key of its own, derived from one root (HKDF, RFC 5869). */
export type KeyPurpose =
  | 'call-id'
  | 'alias-lookup'
  | 'identity-file'
  | 'body-mac'
  | 'limit-count'
  | 'pseudonym'
  | 'vault-master'
  | 'content-mac'
  | 'reason'
  | 'journal-ship'

/** Gives the 32-byte key of a purpose. */
export type SecretKeys = (purpose: KeyPurpose) => Buffer

const rootBytes = 32

/** Reads the root key of this installation from `<dir>/root.key` (0600), or makes it at first start. */
export async function loadSecretKeys(dir: string): Promise<SecretKeys> {
  await ensureWritableDir(dir)
  const root = await rootKey(join(dir, 'root.key'), dir)
  const derived = new Map<KeyPurpose, Buffer>()
  return (purpose) => {
    const key = derived.get(purpose) ?? Buffer.from(hkdfSync('sha256', root, 'triptych/v1', purpose, 32))
    derived.set(purpose, key)
    return key
  }
}

async function rootKey(path: string, dir: string): Promise<Buffer> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(randomBytes(rootBytes).toString('hex'))
      await file.sync()
    } finally {
      await file.close()
    }
    await syncDir(dir)
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw cause
  }
  const root = Buffer.from((await readWhole(path)).trim(), 'hex')
  if (root.length !== rootBytes)
    throw new TriptychError('CONFIG_INVALID', { key: 'root.key', reason: 'not 32 bytes of hex' })
  return root
}

/** Another process may have made the file a moment ago and not filled it yet. */
async function readWhole(path: string): Promise<string> {
  for (let tries = 0; tries < 50; tries++) {
    const text = await readFile(path, 'utf8')
    if (text.length >= rootBytes * 2) return text
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return ''
}
