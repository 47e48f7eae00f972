import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '../../platform/files.ts'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import { type VerifierKey, verifierKeyOf } from './verifier-key.ts'

/** The key that signs checkpoints, and how others know it. */
export interface LedgerKey {
  readonly privateKey: KeyObject
  readonly verifier: VerifierKey
}

/**
 * Reads the signing key (Ed25519, PKCS#8 PEM, 0600), or makes it at the first start. Without an origin the log is named
 * after its key. Throws CONFIG_INVALID for a file that holds no such key, DATA_DIR_UNWRITABLE.
 */
export async function loadLedgerKey(path: string, origin: string | undefined): Promise<LedgerKey> {
  const privateKey = readKey((await existing(path)) ?? (await made(path)))
  const publicKey = createPublicKey(privateKey)
  const fingerprint = hash('sha256', publicKey.export({ format: 'der', type: 'spki' }), 'hex').slice(0, 8)
  return { privateKey, verifier: verifierKeyOf(origin ?? `triptych.local/${fingerprint}`, publicKey) }
}

async function existing(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new TriptychError('CONFIG_INVALID', { key: path, reason: errnoOf(cause) ?? 'unknown' }, cause)
  })
}

async function made(path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  await writeFileAtomic(path, pem).catch((cause: unknown) => {
    throw new TriptychError('DATA_DIR_UNWRITABLE', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
  })
  return pem
}

function readKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new TriptychError('CONFIG_INVALID', { key: 'ledger.key', reason: 'not a private key in PEM' }, cause)
  }
  throw new TriptychError('CONFIG_INVALID', { key: 'ledger.key', reason: 'not an Ed25519 key' })
}
