// Seeded randomness: one seed gives the same account, whichever machine plays it.
import { createHash } from 'node:crypto'

const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A small deterministic generator (sfc32). Never for secrets. */
export class Random {
  #a: number
  #b: number
  #c: number
  #count = 1

  constructor(seed: string | number) {
    const digest = createHash('sha256').update(String(seed)).digest()
    this.#a = digest.readUInt32LE(0)
    this.#b = digest.readUInt32LE(4)
    this.#c = digest.readUInt32LE(8)
  }

  #next32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#count) | 0
    this.#count = (this.#count + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    return t >>> 0
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.#next32() / 4_294_967_296
  }

  /** A whole number in [from, to], both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.unit() * (to - from + 1))
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability
  }

  /** One member of a list that is not empty. */
  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.between(0, list.length - 1)] ?? list[0]
  }

  /** Lower-case hexadecimal digits. */
  hex(length: number): string {
    let text = ''
    while (text.length < length) text += this.#next32().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }

  /** Characters of the given alphabet (letters and digits by default). */
  word(length: number, alphabet: string = ALNUM): string {
    let text = ''
    for (let i = 0; i < length; i++) text += alphabet[this.between(0, alphabet.length - 1)] ?? ''
    return text
  }

  /** A version-4 UUID. */
  uuid(): string {
    const h = this.hex(32)
    const variant = '89ab'[this.between(0, 3)] ?? '8'
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20, 32)}`
  }

  /** A copy of the list in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const keyed = list.map((item) => ({ item, at: this.unit() }))
    return keyed.sort((x, y) => x.at - y.at).map((entry) => entry.item)
  }
}
