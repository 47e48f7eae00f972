import type { FileHandle } from 'node:fs/promises'
import {
  type BoxHead,
  headBytes,
  headMagic,
  headStartBytes,
  marksAnnounced,
  type PieceMark,
  readHead,
} from './box-form.ts'

/** A box by its place in the shelf. Offsets and lengths in bytes. */
export interface BoxPlace {
  readonly at: number
  readonly head: BoxHead
}

/** Where a piece stands: which box, and where in what the box holds. */
export interface PiecePlace {
  readonly box: BoxPlace
  readonly from: number
  readonly bytes: number
}

/** What stands on a shelf, by number and by keyed hash. Read from the heads alone: nothing is opened for it. */
export class ShelfIndex {
  readonly #pieces = new Map<number, PiecePlace>()
  readonly #byMac = new Map<string, number>()
  readonly #bodies = new Map<string, BoxPlace>()
  #next = 0
  #end = 0

  /** Steps over the file head by head. What a crash or a bad disk left between two boxes is stepped over too, and never written over. */
  static async read(file: FileHandle, key: Uint8Array): Promise<ShelfIndex> {
    const index = new ShelfIndex()
    const { size } = await file.stat()
    let at: number | undefined = 0
    let whole = true
    while (at !== undefined && at < size) {
      const head: BoxHead | undefined = await headAt(file, at, key)
      if (head !== undefined && endOf({ at, head }) <= size) {
        index.add({ at, head })
        at = index.#end
      } else {
        at = await nextHead(file, at + 1, key)
        whole = false
      }
    }
    index.#end = size
    // A list may name pieces that were lost: such a body is written anew when it comes again.
    if (!whole) index.#bodies.clear()
    return index
  }

  /** Where the next box goes. */
  get end(): number {
    return this.#end
  }

  get pieces(): number {
    return this.#pieces.size
  }

  /** The number of the next new piece. */
  get next(): number {
    return this.#next
  }

  /** Takes a box in that stands at the end. */
  add(box: BoxPlace): void {
    if (box.head.kind === 'pieces') this.#addPieces(box)
    else for (const mark of box.head.marks) this.#bodies.set(keyOf(mark), box)
    this.#end = endOf(box)
  }

  numberOf(mark: PieceMark): number | undefined {
    return this.#byMac.get(keyOf(mark))
  }

  bodyOf(mark: PieceMark): BoxPlace | undefined {
    return this.#bodies.get(keyOf(mark))
  }

  piece(number: number): PiecePlace | undefined {
    return this.#pieces.get(number)
  }

  #addPieces(box: BoxPlace): void {
    let from = 0
    this.#next = box.head.first
    for (const mark of box.head.marks) {
      this.#byMac.set(keyOf(mark), this.#next)
      this.#pieces.set(this.#next++, { box, from, bytes: mark.bytes })
      from += mark.bytes
    }
  }
}

/** Behind the last byte of a box. */
export function endOf({ at, head }: BoxPlace): number {
  return at + headBytes(head.marks.length) + head.sealedBytes
}

/** The head at an offset; undefined when none of this key stands there whole. */
export async function headAt(file: FileHandle, at: number, key: Uint8Array): Promise<BoxHead | undefined> {
  const start = Buffer.alloc(headStartBytes)
  if ((await file.read(start, 0, start.length, at)).bytesRead < start.length) return undefined
  const marks = marksAnnounced(start)
  if (marks === undefined) return undefined
  const whole = Buffer.alloc(headBytes(marks))
  if ((await file.read(whole, 0, whole.length, at)).bytesRead < whole.length) return undefined
  return readHead(whole, key)
}

const searchBytes = 1024 * 1024

/** The next offset at which a head of this key stands. Its hash is 128 bits long: nothing else is taken for one. */
async function nextHead(file: FileHandle, from: number, key: Uint8Array): Promise<number | undefined> {
  const chunk = Buffer.alloc(searchBytes)
  for (let base = from; ; base += searchBytes - headMagic.length + 1) {
    const { bytesRead } = await file.read(chunk, 0, searchBytes, base)
    if (bytesRead < headMagic.length) return undefined
    const read = chunk.subarray(0, bytesRead)
    for (let found = read.indexOf(headMagic); found !== -1; found = read.indexOf(headMagic, found + 1))
      if ((await headAt(file, base + found, key)) !== undefined) return base + found
  }
}

function keyOf({ mac, bytes }: PieceMark): string {
  return `${mac}${bytes}`
}
