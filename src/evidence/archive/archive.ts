import { createReadStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { ensureWritableDir, writeFileAtomic } from '../../platform/files.ts'
import { asTriptychError, errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import { ArchiveIndex } from './archive-index.ts'
import { archivePath, hashDigits, provenanceSuffix } from './archive-paths.ts'
import { type ArchiveCheck, checkArchive } from './check-archive.ts'
import { type ArchiveKind, archiveKinds, type Provenance, provenanceSchema } from './provenance.ts'
import { clearIncoming, settle, type TakenIn, takeIn } from './take-in.ts'

/** A file to keep. */
export interface Incoming {
  readonly kind: ArchiveKind
  readonly name: string
  readonly origin: string
  /** The bytes as received, or the path of a file that holds them. */
  readonly bytes: AsyncIterable<Uint8Array> | string
  /** ISO 8601; decides the directory. */
  readonly receivedAt: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** A file that is kept. */
export interface ArchivedFile {
  readonly kind: ArchiveKind
  /** SHA-256 of the bytes as received, hexadecimal. */
  readonly fileId: string
  /** Absolute. */
  readonly path: string
  readonly bytes: number
  readonly name: string
  readonly origin: string
  readonly receivedAt: string
  readonly metadata: Readonly<Record<string, string>>
}

/** The record beside an archived file, which holds that file's SHA-256. */
export interface KeptProvenance {
  /** Of the file, below the archive's directory. */
  readonly path: string
  /** As it is at rest; undefined where a crash left none, or where it cannot be read. */
  readonly text: string | undefined
  readonly unreadable: boolean
}

/** Source files, byte for byte, each with its hash and provenance. Nothing is ever changed; nothing here deletes. */
export interface Archive {
  /**
   * Keeps a file; it is durable when this returns. The same bytes of the same kind again: `already`, and nothing is
   * written. Throws ARCHIVE_CONFLICT for other bytes under the same first 64 bits of hash, DATA_DIR_UNWRITABLE.
   */
  put(incoming: Incoming): Promise<ArchivedFile & { readonly already: boolean }>
  /** Every file of a kind, by day of receipt. Throws ARCHIVE_UNREADABLE. */
  list(kind: ArchiveKind): AsyncIterable<ArchivedFile>
  /** Provenance records, from the nth that this process knows of. One that cannot be read does not hide the others. */
  provenances(kind: ArchiveKind, from: number): AsyncIterable<KeptProvenance>
  /** How many files of a kind are kept. */
  count(kind: ArchiveKind): Promise<number>
  /** The provenance record of a file by the path that it was kept under, as it is at rest; undefined when it is not kept. */
  provenanceText(kind: ArchiveKind, path: string): Promise<string | undefined>
  /** The bytes of a file; throws RESOURCE_NOT_FOUND. */
  open(fileId: string): Promise<Readable>
  /** Hashes every file again; `onProgress` gets the number of files done. */
  check(onProgress?: (files: number) => void): Promise<ArchiveCheck>
}

/** An archive in a local directory, which is made if need be. One process writes to it. */
export async function openArchive(root: string): Promise<Archive> {
  await ensureWritableDir(root)
  await clearIncoming(root)
  return new LocalArchive(root)
}

class LocalArchive implements Archive {
  readonly #root: string
  readonly #index: ArchiveIndex
  /** The last that is being kept under a hash: the same bytes twice at once must not be kept twice. */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(root: string) {
    this.#root = root
    this.#index = new ArchiveIndex(root)
  }

  async put(incoming: Incoming): Promise<ArchivedFile & { readonly already: boolean }> {
    const taken = await takeIn(this.#root, incoming.bytes).catch((cause: unknown) => {
      throw asTriptychError(cause, 'DATA_DIR_UNWRITABLE', { path: this.#root })
    })
    const name = `${incoming.kind} ${taken.sha256}`
    const kept = (this.#turns.get(name) ?? Promise.resolve()).then(() => this.#keep(incoming, taken))
    const turn = kept.catch(() => undefined)
    this.#turns.set(name, turn)
    try {
      return await kept
    } finally {
      if (this.#turns.get(name) === turn) this.#turns.delete(name)
    }
  }

  async #keep(incoming: Incoming, taken: TakenIn): Promise<ArchivedFile & { readonly already: boolean }> {
    const { kind } = incoming
    const known = await this.#index.find(kind, taken.sha256)
    const before = known === undefined ? undefined : await this.#provenanceOf(known)
    if (before !== undefined) {
      await rm(taken.temporary, { force: true })
      if (before.sha256 !== taken.sha256) throw new TriptychError('ARCHIVE_CONFLICT', { fileId: taken.sha256 })
      return { ...this.#describe(known ?? '', before), already: true }
    }
    const path = archivePath(kind, taken.sha256, incoming.name, incoming.receivedAt)
    const provenance = provenanceFor(incoming, taken.sha256, taken.bytes)
    await settle(this.#root, taken.temporary, path)
    await writeFileAtomic(join(this.#root, path + provenanceSuffix), `${JSON.stringify(provenance)}\n`, 0o400)
    // A file without provenance is what a crash between the two steps left: the same bytes, which now stand where their provenance says.
    if (known !== undefined && known !== path) await rm(join(this.#root, known), { force: true })
    await this.#index.add(kind, taken.sha256, path)
    return { ...this.#describe(path, provenance), already: false }
  }

  async *list(kind: ArchiveKind): AsyncIterable<ArchivedFile> {
    for (const path of await this.#index.paths(kind)) {
      const provenance = await this.#provenanceOf(path)
      if (provenance !== undefined) yield this.#describe(path, provenance)
    }
  }

  async *provenances(kind: ArchiveKind, from: number): AsyncIterable<KeptProvenance> {
    for (const path of await this.#index.since(kind, from)) {
      yield await this.#provenanceText(path).then(
        (text) => ({ path, text, unreadable: false }),
        () => ({ path, text: undefined, unreadable: true }),
      )
    }
  }

  count(kind: ArchiveKind): Promise<number> {
    return this.#index.count(kind)
  }

  async provenanceText(kind: ArchiveKind, path: string): Promise<string | undefined> {
    // The directory may have moved since: a file is known by its name, which begins with its hash.
    const known = await this.#index.find(kind, basename(path).slice(0, hashDigits))
    return known === undefined || basename(known) !== basename(path) ? undefined : this.#provenanceText(known)
  }

  async open(fileId: string): Promise<Readable> {
    for (const kind of archiveKinds) {
      const path = await this.#index.find(kind, fileId)
      const provenance = path === undefined ? undefined : await this.#provenanceOf(path)
      if (path !== undefined && provenance?.sha256 === fileId) return createReadStream(join(this.#root, path))
    }
    throw new TriptychError('RESOURCE_NOT_FOUND', { fileId: fileId.slice(0, 64) })
  }

  check(onProgress: (files: number) => void = () => undefined): Promise<ArchiveCheck> {
    return checkArchive(this.#root, onProgress)
  }

  async #provenanceOf(path: string): Promise<Provenance | undefined> {
    const text = await this.#provenanceText(path)
    try {
      return text === undefined ? undefined : provenanceSchema.parse(JSON.parse(text))
    } catch (cause) {
      throw new TriptychError('ARCHIVE_UNREADABLE', { path }, cause)
    }
  }

  async #provenanceText(path: string): Promise<string | undefined> {
    return readFile(join(this.#root, path + provenanceSuffix), 'utf8').catch((cause: unknown) => {
      if (errnoOf(cause) === 'ENOENT') return undefined
      throw new TriptychError('ARCHIVE_UNREADABLE', { path }, cause)
    })
  }

  #describe(path: string, { kind, sha256, bytes, name, origin, receivedAt, metadata = {} }: Provenance): ArchivedFile {
    return { kind, fileId: sha256, path: join(this.#root, path), bytes, name, origin, receivedAt, metadata }
  }
}

function provenanceFor(incoming: Incoming, sha256: string, bytes: number): Provenance {
  const { kind, name, origin, receivedAt, metadata } = incoming
  const kept = metadata === undefined ? {} : { metadata: { ...metadata } }
  return provenanceSchema.parse({ v: 1, kind, sha256, bytes, name, origin, receivedAt, ...kept })
}
