import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { DigestState, SigningKey } from './digest-state.ts'

const dayMs = 86_400_000
/** AWS does not say how often it rotates; validities overlap, as in the user guide's example. */
const rotationMs = 14 * dayMs
const overlapMs = dayMs

/** A public key as ListPublicKeys gives it; times in ms. */
export interface ListedKey {
  /** DER, PKCS#1 unless the key was added in the other form. */
  readonly der: Buffer
  /** MD5 of the DER, hex. */
  readonly fingerprint: string
  readonly from: number
  readonly to: number
}

/** The keys that digests are signed with: one after the other per region, each made when it is first needed. */
export class SigningKeys {
  readonly #state: DigestState
  readonly #loaded = new Map<string, KeyObject>()

  constructor(state: DigestState) {
    this.#state = state
  }

  /** The key that signs in a region at a moment (ms). */
  keyAt(region: string, at: number): { readonly key: KeyObject; readonly fingerprint: string } {
    const found =
      this.#of(region).findLast(({ from, to }) => from <= at && at < to - overlapMs) ?? this.rotate(region, at)
    const key = this.#load(found)
    return { key, fingerprint: listed(key, found).fingerprint }
  }

  /** Makes a region's next key, valid from `at` (ms). */
  rotate(region: string, at: number): SigningKey {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    return this.add(region, { pem: privateKey, from: at, to: at + rotationMs + overlapMs, form: 'pkcs1' })
  }

  /** Adds a key that was made elsewhere. */
  add(region: string, key: SigningKey): SigningKey {
    this.#state.state.keys[region] = [...this.#of(region), key]
    this.#state.save()
    return key
  }

  /** The public keys of a region that were valid at some moment of a stretch (ms). */
  list(region: string, from: number, to: number): readonly ListedKey[] {
    return this.#of(region)
      .filter((key) => key.from <= to && from <= key.to)
      .map((key) => listed(this.#load(key), key))
  }

  #of(region: string): readonly SigningKey[] {
    return this.#state.state.keys[region] ?? []
  }

  #load({ pem }: SigningKey): KeyObject {
    const known = this.#loaded.get(pem) ?? createPrivateKey(pem)
    this.#loaded.set(pem, known)
    return known
  }
}

function listed(key: KeyObject, { from, to, form }: SigningKey): ListedKey {
  const der = createPublicKey(key).export({ type: form, format: 'der' })
  return { der, fingerprint: createHash('md5').update(der).digest('hex'), from, to }
}
