import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { keyBytes } from './keychains/key-text.ts'
import { type Keychain, keychainOf } from './keychains/keychain.ts'
import type { Machine } from './machine.ts'
import { stateDir } from './places.ts'
import { readPrivate, writePrivate } from './private-file.ts'
import type { Settings } from './settings.ts'
import { type SignIn, signInSchema } from './sign-in.ts'
import { isSignInError, SignInError } from './sign-in-error.ts'

/** Where the one sign-in of this user lies. Call `write`, `begin` and `remove` under the lock. */
export interface SignInStore {
  /** Undefined when nobody is signed in. Throws STORE_EXPOSED, STORE_UNREADABLE, KEYCHAIN_UNUSABLE. */
  read(): Promise<SignIn | undefined>
  /** A new sign-in; chooses where its key is kept, and says where. */
  begin(signIn: SignIn, storage: Settings['storage']): Promise<string>
  /** The same sign-in with other tokens, kept as it is. */
  write(signIn: SignIn): Promise<void>
  remove(): Promise<void>
  /** `file`, or the keychain's name; undefined when nobody is signed in. */
  keptBy(): Promise<string | undefined>
}

const envelopeSchema = z.discriminatedUnion('keptBy', [
  z.object({ version: z.literal(1), keptBy: z.literal('file'), signIn: signInSchema }),
  z.object({
    version: z.literal(1),
    keptBy: z.enum(['macos-keychain', 'secret-service', 'dpapi']),
    sealed: z.base64(),
  }),
])
type Envelope = z.infer<typeof envelopeSchema>

/** Bound to the ciphertext, so that another program's would not open. */
const purpose = Buffer.from('triptych-signin v1')
const nonceBytes = 12
const tagBytes = 16

/** The store on this machine: a file only its owner may read, sealed with a key in the keychain where there is one. */
export function openStore(machine: Machine): SignInStore {
  const path = join(stateDir(machine), 'signin.json')
  const keychain = keychainOf(machine)
  const save = (envelope: Envelope) => writePrivate(machine, path, JSON.stringify(envelope))
  const envelope = async () => parseEnvelope(await readPrivate(machine, path))
  return {
    async read() {
      const found = await envelope()
      if (found === undefined || found.keptBy === 'file') return found?.signIn
      return open(found.sealed, await keyIn(keychain, found.keptBy))
    },
    async begin(signIn, storage) {
      const key = storage === 'file' ? undefined : await usableKey(keychain, storage)
      if (key === undefined || keychain === undefined) await save({ version: 1, keptBy: 'file', signIn })
      else await save({ version: 1, keptBy: keychain.name, sealed: seal(signIn, key) })
      return key === undefined ? path : (keychain?.name ?? path)
    },
    async write(signIn) {
      const found = await envelope()
      if (found === undefined || found.keptBy === 'file') await save({ version: 1, keptBy: 'file', signIn })
      else await save({ ...found, sealed: seal(signIn, await keyIn(keychain, found.keptBy)) })
    },
    async remove() {
      await rm(path, { force: true })
      await keychain?.forget()
    },
    async keptBy() {
      return (await envelope())?.keptBy
    },
  }
}

function parseEnvelope(text: string | undefined): Envelope | undefined {
  if (text === undefined) return undefined
  try {
    return envelopeSchema.parse(JSON.parse(text))
  } catch {
    throw new SignInError('STORE_UNREADABLE', 'not of this version')
  }
}

async function keyIn(keychain: Keychain | undefined, name: string): Promise<Buffer> {
  const key = keychain?.name === name ? await keychain.read() : undefined
  if (key === undefined) throw new SignInError('KEYCHAIN_UNUSABLE', name)
  return key
}

/** The key that is there, else a new one that the keychain gives back. Undefined: a file has to do. */
async function usableKey(keychain: Keychain | undefined, storage: 'auto' | 'keychain'): Promise<Buffer | undefined> {
  try {
    const there = await keychain?.read()
    if (there !== undefined) return there
    const made = randomBytes(keyBytes)
    await keychain?.keep(made)
    if ((await keychain?.read())?.equals(made) === true) return made
  } catch (cause) {
    if (!isSignInError(cause, 'KEYCHAIN_UNUSABLE')) throw cause
  }
  if (storage === 'keychain') throw new SignInError('KEYCHAIN_UNUSABLE', keychain?.name ?? 'none on this system')
  return undefined
}

/** AES-256-GCM (NIST SP 800-38D) under a nonce of its own each time. */
function seal(signIn: SignIn, key: Buffer): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(purpose)
  const body = Buffer.concat([cipher.update(JSON.stringify(signIn), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
}

function open(sealed: string, key: Buffer): SignIn {
  const bytes = Buffer.from(sealed, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    decipher.setAAD(purpose).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()])
    return signInSchema.parse(JSON.parse(text.toString('utf8')))
  } catch {
    throw new SignInError('STORE_UNREADABLE', 'its key is another one')
  }
}
