import { type RecordSlice, RecordSplitter } from './split-records.ts'

const newline = 0x0a
const openBracket = 0x5b

/**
 * Cuts a log into its lines while it arrives, one value each; a file that begins with `[` is a list instead. Unlike the splitter of
 * records it takes a line for what it is: text between the lines of a program's log costs that line alone.
 */
export class LineSplitter {
  readonly #longest: number
  #list: RecordSplitter | undefined
  #begun = false
  #parts: Buffer[] = []
  #length = 0

  /** @param longest bytes of a line; a longer one is `too_large` */
  constructor(longest: number) {
    this.#longest = longest
  }

  /** What `chunk` completes; blank lines are nothing. */
  push(chunk: Buffer): readonly RecordSlice[] {
    const rest = this.#begun ? chunk : this.#begin(chunk)
    if (this.#list !== undefined) return this.#list.push(rest)
    const found: RecordSlice[] = []
    let start = 0
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline, start)) {
      found.push(...this.#take(rest.subarray(start, end)))
      start = end + 1
    }
    this.#keep(rest.subarray(start))
    return found
  }

  /** The last line, if it has no end of its own. */
  end(): readonly RecordSlice[] {
    return this.#list?.end() ?? this.#take(Buffer.alloc(0))
  }

  /** The first byte that is no space decides; spaces before it are nothing. */
  #begin(chunk: Buffer): Buffer {
    const first = chunk.findIndex((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
    if (first === -1) return Buffer.alloc(0)
    this.#begun = true
    if (chunk[first] === openBracket) this.#list = new RecordSplitter(this.#longest)
    return chunk.subarray(first)
  }

  #keep(part: Buffer): void {
    this.#length += part.length
    if (this.#length > this.#longest) this.#parts = []
    else if (part.length > 0) this.#parts.push(Buffer.from(part))
  }

  #take(part: Buffer): readonly RecordSlice[] {
    this.#keep(part)
    const tooLarge = this.#length > this.#longest
    const text = Buffer.concat(this.#parts).toString('utf8').trim()
    this.#parts = []
    this.#length = 0
    if (tooLarge) return [{ fault: 'too_large' }]
    return text === '' ? [] : [{ text }]
  }
}
