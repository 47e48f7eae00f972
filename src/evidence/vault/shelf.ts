import { hkdfSync } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { syncDir } from '../../platform/files.ts'
import { seal, unseal } from '../../platform/sealed-box.ts'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import { headBytes, markMac, type PieceMark, writeHead } from './box-form.ts'
import { decodeRuns, encodeRuns, runsOf } from './piece-runs.ts'
import { type BoxPlace, endOf, headAt, ShelfIndex } from './shelf-index.ts'

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

/** What the boxes of one shelf held, kept while somebody reads several bodies of one conversation. */
export type OpenedBoxes = Map<number, Buffer>

interface ShelfKeys {
  readonly seal: Buffer
  readonly mac: Buffer
}

/**
 * One file of one person and month: boxes one after the other, each sealed (AES-256-GCM) at its own place. What a person's calls
 * repeat stands there once; a body is the list of its pieces. Only ever appended to; one process writes.
 */
export class Shelf {
  readonly #file: FileHandle
  readonly #keys: ShelfKeys
  readonly #index: ShelfIndex
  readonly #context: string
  readonly #random: (bytes: number) => Uint8Array
  #unsynced = false
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(
    file: FileHandle,
    keys: ShelfKeys,
    index: ShelfIndex,
    context: string,
    random: (bytes: number) => Uint8Array,
  ) {
    this.#file = file
    this.#keys = keys
    this.#index = index
    this.#context = context
    this.#random = random
  }

  /** @param context names person and month: a box cannot be moved to another shelf */
  static async open(
    path: string,
    key: Uint8Array,
    context: string,
    random: (bytes: number) => Uint8Array,
  ): Promise<Shelf> {
    const file = await openOrCreate(path)
    const keys = { seal: derived(key, 'seal'), mac: derived(key, 'mac') }
    try {
      return new Shelf(file, keys, await ShelfIndex.read(file, keys.mac), context, random)
    } catch (cause) {
      await file.close()
      throw cause
    }
  }

  /** How many pieces its index holds in memory. */
  get pieces(): number {
    return this.#index.pieces
  }

  /**
   * Puts a body on the shelf and says where: `<offset>/<bytes>`. A body that stands there already is not written again.
   * @param cuts ascending offsets at which it falls into pieces
   */
  add(body: Uint8Array, cuts: readonly number[]): Promise<string> {
    const added = this.#turn.then(() => this.#add(body, cuts))
    this.#turn = added.catch(() => undefined)
    return added
  }

  /** A body from where `add` put it. Throws VAULT_UNREADABLE when it is not, byte for byte, what was put there. */
  async read(at: number, opened: OpenedBoxes = new Map()): Promise<Buffer> {
    const head = await headAt(this.#file, at, this.#keys.mac)
    const mark = head?.kind === 'body' ? head.marks[0] : undefined
    if (head === undefined || mark === undefined) throw unreadable('body')
    const runs = decodeRuns(await this.#open({ at, head }))
    if (runs === undefined) throw unreadable('body')
    const parts: Buffer[] = []
    for (const { first, count } of runs)
      for (let number = first; number < first + count; number++) parts.push(await this.#piece(number, opened))
    const body = Buffer.concat(parts)
    if (body.length !== mark.bytes || markMac(this.#keys.mac, body) !== mark.mac) throw unreadable('body')
    return body
  }

  /** Makes durable what was added. */
  async sync(): Promise<void> {
    if (!this.#unsynced) return
    await this.#file.datasync()
    this.#unsynced = false
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async #add(body: Uint8Array, cuts: readonly number[]): Promise<string> {
    const whole = this.#markOf(body)
    const known = this.#index.bodyOf(whole)
    if (known !== undefined) return placeText(known)
    const pieces = cutAt(body, cuts).map((bytes) => ({ bytes, mark: this.#markOf(bytes) }))
    const fresh = new Map<string, { readonly bytes: Uint8Array; readonly mark: PieceMark }>()
    for (const piece of pieces)
      if (this.#index.numberOf(piece.mark) === undefined) fresh.set(`${piece.mark.mac}${piece.mark.bytes}`, piece)
    if (fresh.size > 0) await this.#addPieces([...fresh.values()])
    const numbers = pieces.map(({ mark }) => this.#index.numberOf(mark) ?? -1)
    return placeText(await this.#append('body', [whole], encodeRuns(runsOf(numbers))))
  }

  async #addPieces(fresh: readonly { readonly bytes: Uint8Array; readonly mark: PieceMark }[]): Promise<void> {
    const marks = fresh.map(({ mark }) => mark)
    await this.#append('pieces', marks, await deflate(Buffer.concat(fresh.map(({ bytes }) => bytes))))
  }

  async #append(kind: 'pieces' | 'body', marks: readonly PieceMark[], plain: Uint8Array): Promise<BoxPlace> {
    const at = this.#index.end
    const sealed = seal(this.#keys.seal, plain, `${this.#context}:${at}`, this.#random)
    const head = { kind, first: this.#index.next, sealedBytes: sealed.length, marks }
    const bytes = Buffer.concat([writeHead(head, this.#keys.mac), sealed])
    this.#unsynced = true
    const { bytesWritten } = await this.#file.write(bytes, 0, bytes.length, at)
    if (bytesWritten < bytes.length) throw new TriptychError('DATA_DIR_UNWRITABLE', { reason: 'ENOSPC' })
    const box = { at, head }
    this.#index.add(box)
    return box
  }

  async #piece(number: number, opened: OpenedBoxes): Promise<Buffer> {
    const place = this.#index.piece(number)
    if (place === undefined) throw unreadable('piece')
    const { box, from, bytes } = place
    const held = opened.get(box.at) ?? (await inflate(await this.#open(box)))
    opened.set(box.at, held)
    return held.subarray(from, from + bytes)
  }

  async #open(box: BoxPlace): Promise<Buffer> {
    const from = box.at + headBytes(box.head.marks.length)
    const sealed = Buffer.alloc(endOf(box) - from)
    const { bytesRead } = await this.#file.read(sealed, 0, sealed.length, from)
    const plain =
      bytesRead === sealed.length ? unseal(this.#keys.seal, sealed, `${this.#context}:${box.at}`) : undefined
    if (plain === undefined) throw unreadable('box')
    return plain
  }

  #markOf(bytes: Uint8Array): PieceMark {
    return { mac: markMac(this.#keys.mac, bytes), bytes: bytes.length }
  }
}

function cutAt(body: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const edges = [0, ...cuts, body.length]
  return edges.slice(1).flatMap((end, i) => (end > (edges[i] ?? 0) ? [body.subarray(edges[i], end)] : []))
}

function placeText(box: BoxPlace): string {
  return `${box.at}/${endOf(box) - box.at}`
}

function derived(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, 'triptych/shelf/v1', purpose, 32))
}

function unreadable(what: string): TriptychError {
  return new TriptychError('VAULT_UNREADABLE', { what })
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+')
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw cause
  }
  const file = await open(path, 'wx+', 0o600)
  await syncDir(dirname(path))
  return file
}
