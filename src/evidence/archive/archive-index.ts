import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import { hashDigits, provenanceSuffix } from './archive-paths.ts'
import type { ArchiveKind } from './provenance.ts'

/** Which file has which hash, from the names alone; read once per kind, when it is first asked for. */
export class ArchiveIndex {
  readonly #root: string
  readonly #kinds = new Map<ArchiveKind, Promise<Map<string, string>>>()
  readonly #order = new Map<ArchiveKind, string[]>()

  constructor(root: string) {
    this.#root = root
  }

  /** The path, below the root, of the file whose hash begins as this one. */
  async find(kind: ArchiveKind, sha256: string): Promise<string | undefined> {
    return (await this.#of(kind)).get(sha256.slice(0, hashDigits))
  }

  /** Notes a file that has just been kept. */
  async add(kind: ArchiveKind, sha256: string, path: string): Promise<void> {
    const known = await this.#of(kind)
    known.set(sha256.slice(0, hashDigits), path)
    this.#order.get(kind)?.push(path)
  }

  /** Paths of a kind in the order in which this process learned of them, from the nth on. */
  async since(kind: ArchiveKind, from: number): Promise<readonly string[]> {
    await this.#of(kind)
    return (this.#order.get(kind) ?? []).slice(from)
  }

  async count(kind: ArchiveKind): Promise<number> {
    return (await this.#of(kind)).size
  }

  /** All paths of a kind, by day of receipt. */
  async paths(kind: ArchiveKind): Promise<readonly string[]> {
    return [...(await this.#of(kind)).values()].sort()
  }

  #of(kind: ArchiveKind): Promise<Map<string, string>> {
    let read = this.#kinds.get(kind)
    if (read === undefined) {
      read = this.#read(kind)
      this.#kinds.set(kind, read)
    }
    return read
  }

  async #read(kind: ArchiveKind): Promise<Map<string, string>> {
    const known = new Map<string, string>()
    for (const path of await filesBelow(this.#root, kind)) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      if (!name.endsWith(provenanceSuffix)) known.set(name.slice(0, hashDigits), path)
    }
    this.#order.set(kind, [...known.values()].sort())
    return known
  }
}

/** Every file below `root/kind`, as paths below the root; none when there is no such directory. */
export async function filesBelow(root: string, kind: ArchiveKind): Promise<readonly string[]> {
  try {
    const entries = await readdir(join(root, kind), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return []
    throw new TriptychError('ARCHIVE_UNREADABLE', { kind }, cause)
  }
}
