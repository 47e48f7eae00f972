import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readIfThere, writeFileAtomic } from '../../platform/files.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { KeyWrapper } from './key-wrapper.ts'

/** One data key by the file that holds it wrapped. */
export interface KeyPlace {
  readonly path: string
  /** Whose key it is, and of when. */
  readonly context: string
}

/** How many keys are held unwrapped at most. */
const heldAtMost = 4_096

/** Data keys, each in a file of its own as ciphertext; destroying the file destroys what it seals. */
export class PersonKeys {
  readonly #wrapper: KeyWrapper
  readonly #random: (bytes: number) => Uint8Array
  readonly #held = new Map<string, Promise<Buffer>>()

  constructor(wrapper: KeyWrapper, random: (bytes: number) => Uint8Array) {
    this.#wrapper = wrapper
    this.#random = random
  }

  /** The key of a place. Throws VAULT_KEY_MISSING when there is none and none is to be made, VAULT_UNREADABLE. */
  get(place: KeyPlace, make: boolean): Promise<Buffer> {
    const known = this.#held.get(place.path)
    if (known !== undefined) return known
    const found = this.#readOrMake(place, make)
    this.#held.set(place.path, found)
    found.catch(() => this.#held.delete(place.path))
    const oldest = this.#held.size > heldAtMost ? this.#held.keys().next().value : undefined
    if (oldest !== undefined) this.#held.delete(oldest)
    return found
  }

  async #readOrMake({ path, context }: KeyPlace, make: boolean): Promise<Buffer> {
    const wrapped = await readIfThere(path)
    if (wrapped !== undefined) return this.#wrapper.unwrap(wrapped, context)
    if (!make) throw new TriptychError('VAULT_KEY_MISSING')
    const key = Buffer.from(this.#random(32))
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFileAtomic(path, await this.#wrapper.wrap(key, context))
    return key
  }
}
