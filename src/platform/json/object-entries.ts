/** One member of a JSON object by its place in the bytes; `end` is exclusive. */
export interface JsonEntry {
  readonly key: string
  readonly start: number
  readonly end: number
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const colon = 0x3a

/**
 * The members of the JSON object that starts at or after `from`, without building any value: bodies of megabytes are stepped
 * over. The bytes must be valid JSON (the caller has parsed them); undefined when no object stands there.
 */
export function objectEntries(bytes: Uint8Array, from = 0): readonly JsonEntry[] | undefined {
  let at = skipSpace(bytes, from)
  if (bytes[at] !== openBrace) return undefined
  const entries: JsonEntry[] = []
  at = skipSpace(bytes, at + 1)
  while (at < bytes.length && bytes[at] !== closeBrace) {
    const keyEnd = endOfString(bytes, at)
    const key = parseKey(bytes.subarray(at, keyEnd))
    at = skipSpace(bytes, keyEnd)
    if (key === undefined || bytes[at] !== colon) return undefined
    const start = skipSpace(bytes, at + 1)
    const end = endOfValue(bytes, start)
    entries.push({ key, start, end })
    at = skipSpace(bytes, end)
    if (bytes[at] === comma) at = skipSpace(bytes, at + 1)
  }
  return entries
}

/** The elements of the JSON array that starts at or after `from`, in the same way; undefined when no array stands there. */
export function arrayElements(bytes: Uint8Array, from = 0): readonly Pick<JsonEntry, 'start' | 'end'>[] | undefined {
  let at = skipSpace(bytes, from)
  if (bytes[at] !== openBracket) return undefined
  const elements: Pick<JsonEntry, 'start' | 'end'>[] = []
  at = skipSpace(bytes, at + 1)
  while (at < bytes.length && bytes[at] !== closeBracket) {
    const end = endOfValue(bytes, at)
    elements.push({ start: at, end })
    at = skipSpace(bytes, end)
    if (bytes[at] === comma) at = skipSpace(bytes, at + 1)
  }
  return elements
}

function parseKey(bytes: Uint8Array): string | undefined {
  try {
    const key: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined
  }
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09))
    at += 1
  return at
}

/** Behind the closing quote of the string that starts at `from`. */
function endOfString(bytes: Uint8Array, from: number): number {
  let at = from + 1
  for (;;) {
    const next = bytes.indexOf(quote, at)
    if (next === -1) return bytes.length
    let slashes = 0
    while (bytes[next - 1 - slashes] === backslash) slashes += 1
    if (slashes % 2 === 0) return next + 1
    at = next + 1
  }
}

function endOfValue(bytes: Uint8Array, from: number): number {
  const first = bytes[from]
  if (first === quote) return endOfString(bytes, from)
  if (first === openBrace || first === openBracket) return endOfNest(bytes, from)
  let at = from
  while (
    at < bytes.length &&
    bytes[at] !== comma &&
    bytes[at] !== closeBrace &&
    bytes[at] !== closeBracket &&
    !isSpace(bytes[at])
  )
    at += 1
  return at
}

function endOfNest(bytes: Uint8Array, from: number): number {
  let depth = 0
  let at = from
  while (at < bytes.length) {
    const byte = bytes[at]
    if (byte === quote) {
      at = endOfString(bytes, at)
      continue
    }
    if (byte === openBrace || byte === openBracket) depth += 1
    else if (byte === closeBrace || byte === closeBracket) depth -= 1
    at += 1
    if (depth === 0) return at
  }
  return bytes.length
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
