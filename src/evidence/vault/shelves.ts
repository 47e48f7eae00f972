import { join } from 'node:path'
import type { PersonKeys } from './person-keys.ts'
import { Shelf } from './shelf.ts'

/** Which shelf: whose, and of which month (`YYYY-MM`). */
export interface ShelfName {
  readonly alias: string
  readonly month: string
}

interface Held {
  readonly shelf: Promise<Shelf>
  /** Once it is open. */
  opened: Shelf | undefined
  users: number
}

/** Shelves that stay open at most, and pieces that their indexes hold together (about 150 bytes each). */
const openAtMost = 128
const piecesAtMost = 1_000_000

/** Opens shelves when they are needed and keeps those that were used last. */
export class Shelves {
  readonly #homeOf: (alias: string) => string
  readonly #keys: PersonKeys
  readonly #random: (bytes: number) => Uint8Array
  readonly #held = new Map<string, Held>()

  constructor(homeOf: (alias: string) => string, keys: PersonKeys, random: (bytes: number) => Uint8Array) {
    this.#homeOf = homeOf
    this.#keys = keys
    this.#random = random
  }

  /** Does something with a shelf, which stays open as long as that takes. `make`: also where there is none yet. */
  async with<Result>(name: ShelfName, make: boolean, act: (shelf: Shelf) => Promise<Result>): Promise<Result> {
    const id = `${name.alias}/${name.month}`
    const held = this.#held.get(id) ?? { shelf: this.#open(name, make), opened: undefined, users: 0 }
    // Behind all others: the first of the map is the one that was not used for longest.
    this.#held.delete(id)
    this.#held.set(id, held)
    held.users += 1
    try {
      held.opened = await held.shelf.catch((cause: unknown) => {
        this.#held.delete(id)
        throw cause
      })
      return await act(held.opened)
    } finally {
      held.users -= 1
      await this.#letGo()
    }
  }

  async close(): Promise<void> {
    for (const [id, held] of this.#held) await this.#close(id, held)
  }

  async #open({ alias, month }: ShelfName, make: boolean): Promise<Shelf> {
    const home = this.#homeOf(alias)
    const context = `content:${alias}:${month}`
    const key = await this.#keys.get({ path: join(home, `${month}.key`), context: `key:${alias}:${month}` }, make)
    return Shelf.open(join(home, `${month}.shelf`), key, context, this.#random)
  }

  async #letGo(): Promise<void> {
    let pieces = 0
    for (const { opened } of this.#held.values()) pieces += opened?.pieces ?? 0
    for (const [id, held] of this.#held) {
      if (this.#held.size <= openAtMost && pieces <= piecesAtMost) return
      if (held.users > 0) continue
      pieces -= held.opened?.pieces ?? 0
      await this.#close(id, held)
    }
  }

  async #close(id: string, held: Held): Promise<void> {
    this.#held.delete(id)
    const shelf = await held.shelf.catch(() => undefined)
    await shelf?.sync()
    await shelf?.close()
  }
}
