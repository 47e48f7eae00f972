/** One record as it stands in the file, or why it could not be cut out. */
export type RecordSlice = { readonly text: string } | { readonly fault: 'too_large' | 'cut_off' | 'not_json' }

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const newline = 0x0a
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const byteOrderMark: ReadonlySet<number> = new Set([0xef, 0xbb, 0xbf])
const envelopeKey = 'Records'

/** What a byte ended: a record with it or before it, a broken one, or bytes that are no record. */
type Step = 'whole' | 'before' | 'broken' | 'discard' | undefined

/**
 * Cuts a log file into records while it arrives, in every form they come in: `{"Records":[…]}`, a list, one object
 * per line, objects one after the other, pretty-printed or not. It knows strings and nesting and nothing else of JSON.
 * A broken record costs itself, as a rule, and never the ones after the next line or comma. Holds one record at a time.
 */
export class RecordSplitter {
  readonly #longest: number
  #mode: 'between' | 'inside' | 'scalar' | 'lost' = 'between'
  #inList = false
  #inEnvelope = false
  /** Rest of an envelope: read to its end, not a record. */
  #discarding = false
  /** The brackets that are open. */
  #open: number[] = []
  #inString = false
  #escaped = false
  #key = ''
  /** The last byte that was neither space nor inside a string. */
  #last = 0
  #lostAtLine = false
  #parts: Buffer[] = []
  #length = 0

  /** @param longest bytes of a record; a longer one is `too_large` */
  constructor(longest: number) {
    this.#longest = longest
  }

  /** What `chunk` completes. */
  push(chunk: Buffer): readonly RecordSlice[] {
    const found: RecordSlice[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      if (this.#inString) at = this.#overPlain(chunk, at)
      const wasOpen = this.#isOpen()
      const done = this.#step(chunk[at] ?? 0)
      const slice = this.#ended(done, chunk, start, at)
      if (slice !== undefined) found.push(slice)
      if (this.#isOpen() && (!wasOpen || done !== undefined)) start = at
    }
    if (this.#isOpen() && !this.#discarding) this.#keep(chunk.subarray(start))
    return found
  }

  #ended(done: Step, chunk: Buffer, start: number, at: number): RecordSlice | undefined {
    if (done === 'whole') return this.#take(chunk.subarray(start, at + 1))
    if (done === 'before') return this.#take(chunk.subarray(start, at))
    if (done === 'broken') return this.#drop('not_json')
    if (done === 'discard') this.#forget()
    return undefined
  }

  /** What the end of the file leaves: nothing, or one record that was cut off. */
  end(): readonly RecordSlice[] {
    const cutOff = (this.#mode === 'inside' && !this.#discarding) || this.#inList
    const found = this.#mode === 'scalar' ? [this.#take(Buffer.alloc(0))] : cutOff ? [this.#drop('cut_off')] : []
    this.#mode = 'between'
    this.#inList = false
    return found
  }

  #isOpen(): boolean {
    return this.#mode === 'inside' || this.#mode === 'scalar'
  }

  /** Most bytes stand in strings and mean nothing here: the next one that does, or the last of the chunk. */
  #overPlain(chunk: Buffer, from: number): number {
    const readsKey = this.#open.length === 1 && !this.#inList
    if (readsKey || this.#escaped) return from
    let at = from
    for (; at < chunk.length - 1; at++) {
      const byte = chunk[at]
      if (byte === quote || byte === backslash || byte === newline) break
    }
    return at
  }

  #step(byte: number): Step {
    if (this.#mode === 'inside') return this.#inString ? this.#stepString(byte) : this.#stepInside(byte)
    if (this.#mode === 'scalar') return this.#stepScalar(byte)
    if (this.#mode === 'lost') return this.#stepLost(byte)
    this.#stepBetween(byte)
    return undefined
  }

  #stepBetween(byte: number): void {
    if (isSpace(byte) || byte === comma || byte === closeBrace || byteOrderMark.has(byte)) return
    if (byte === openBracket && !this.#inList) {
      this.#inList = true
    } else if (byte === closeBracket && this.#inList) {
      this.#leaveList()
    } else if (byte === openBrace || byte === openBracket || byte === quote) {
      this.#begin(byte)
    } else {
      this.#mode = 'scalar'
    }
  }

  #begin(byte: number): void {
    this.#mode = 'inside'
    this.#inString = byte === quote
    this.#open = byte === quote ? [] : [byte]
    this.#key = ''
    this.#last = byte
  }

  #leaveList(): void {
    this.#inList = false
    if (!this.#inEnvelope) return
    this.#begin(openBrace)
    this.#discarding = true
  }

  #stepString(byte: number): 'whole' | 'broken' | undefined {
    if (this.#escaped) {
      this.#escaped = false
    } else if (byte === backslash) {
      this.#escaped = true
    } else if (byte === quote) {
      this.#inString = false
      this.#last = quote
      if (this.#open.length === 0) return this.#finish()
    } else if (byte === newline) {
      // JSON has no raw newline in a string: this one was never closed. The next line may be sound.
      return this.#lose(true)
    } else if (this.#open.length === 1 && this.#key.length < envelopeKey.length + 1) {
      this.#key += String.fromCharCode(byte)
    }
    return undefined
  }

  #stepInside(byte: number): 'whole' | 'broken' | 'discard' | undefined {
    if (isSpace(byte)) return undefined
    const before = this.#last
    this.#last = byte
    if (byte === quote) {
      this.#inString = true
      if (this.#open.length === 1 && before !== colon) this.#key = ''
      return undefined
    }
    if (byte === openBracket && this.#isEnvelope(before)) return this.#enterEnvelope()
    if (byte === openBrace || byte === openBracket) {
      if (byte === openBrace && !this.#mayBegin(before)) return this.#restart()
      this.#open.push(byte)
    } else if (byte === closeBrace || byte === closeBracket) {
      return this.#close(byte)
    }
    return undefined
  }

  /** An object follows a colon, or stands in a list; anywhere else the one before it was never closed. */
  #mayBegin(before: number): boolean {
    return this.#open.at(-1) === openBracket ? before === comma || before === openBracket : before === colon
  }

  #close(byte: number): 'whole' | 'broken' | 'discard' | undefined {
    const opener = this.#open.pop()
    if (opener !== (byte === closeBrace ? openBrace : openBracket)) return this.#lose(false)
    if (this.#open.length > 0) return undefined
    return this.#discarding ? this.#leaveEnvelope() : this.#finish()
  }

  #isEnvelope(before: number): boolean {
    const top = this.#open.length === 1 && !this.#inList && (this.#discarding || !this.#inEnvelope)
    return top && before === colon && this.#key === envelopeKey
  }

  #enterEnvelope(): 'discard' {
    this.#inEnvelope = true
    this.#inList = true
    this.#discarding = false
    this.#mode = 'between'
    return 'discard'
  }

  #leaveEnvelope(): 'discard' {
    this.#inEnvelope = false
    this.#discarding = false
    this.#mode = 'between'
    return 'discard'
  }

  #stepScalar(byte: number): 'before' | undefined {
    if (byte !== comma && byte !== newline && byte !== closeBracket && byte !== openBrace) return undefined
    this.#mode = 'between'
    this.#stepBetween(byte)
    return 'before'
  }

  #stepLost(byte: number): undefined {
    if (byte === newline || byte === comma) this.#lostAtLine = true
    else if (byte === closeBracket && this.#lostAtLine && this.#inList) this.#leaveListLost()
    else if (byte === openBrace && this.#lostAtLine) this.#begin(byte)
    else if (!isSpace(byte)) this.#lostAtLine = false
    return undefined
  }

  #leaveListLost(): void {
    this.#mode = 'between'
    this.#leaveList()
  }

  #lose(atLine: boolean): 'broken' {
    this.#mode = 'lost'
    this.#inString = false
    this.#discarding = false
    this.#escaped = false
    this.#lostAtLine = atLine
    return 'broken'
  }

  /** The object that begins here belongs to the next record. */
  #restart(): 'broken' {
    this.#discarding = false
    this.#begin(openBrace)
    return 'broken'
  }

  #finish(): 'whole' {
    this.#mode = 'between'
    return 'whole'
  }

  #keep(part: Buffer): void {
    this.#length += part.length
    if (this.#length > this.#longest) this.#parts = []
    else this.#parts.push(Buffer.from(part))
  }

  #take(part: Buffer): RecordSlice {
    this.#keep(part)
    const slice: RecordSlice =
      this.#length > this.#longest ? { fault: 'too_large' } : { text: Buffer.concat(this.#parts).toString('utf8') }
    this.#forget()
    return slice
  }

  #drop(fault: 'cut_off' | 'not_json'): RecordSlice {
    this.#forget()
    return { fault }
  }

  #forget(): void {
    this.#parts = []
    this.#length = 0
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09
}
