import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/**
 * The id of one model call: 4 characters of the gateway's tag, a ULID of 26 (48 bits of time, 80 random) and 8 of a MAC,
 * all Crockford base 32 in lower case. It travels to AWS in `User-Agent` and request metadata, so it must fit both.
 */
export type CallId = string & { readonly __brand: 'CallId' }

/** The form alone; whether the MAC is ours, `isOurCallId` says. */
export const callIdPattern = /^[0-9a-hjkmnp-tv-z]{38}$/
/** Schema of a call id. */
export const callIdSchema = z.custom<CallId>(
  (value) => typeof value === 'string' && callIdPattern.test(value),
  'a call id',
)

/** The keys of request metadata that are ours: the call id and the alias, for the invocation log to record. */
export const metadataKeys = { call: 'triptych-call', alias: 'triptych-alias' } as const

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const tagLength = 4
const ulidLength = 26
const macLength = 8

/** What a new id is made of; `random` returns n random bytes. */
export interface CallIdParts {
  readonly gatewayTag: string
  readonly at: number
  readonly random: (bytes: number) => Uint8Array
  readonly key: Uint8Array
}

/** Makes a call id. Ids of one gateway sort by time. */
export function mintCallId(parts: CallIdParts): CallId {
  const body = `${parts.gatewayTag}${timeCharacters(parts.at)}${toBase32(parts.random(10)).slice(0, 16)}`
  return callIdSchema.parse(`${body}${macOf(body, parts.key)}`)
}

/** True when the MAC is of our key: nobody without it can name a call that a gateway of ours sent. */
export function isOurCallId(id: string, key: Uint8Array): boolean {
  if (!callIdPattern.test(id)) return false
  const split = tagLength + ulidLength
  return timingSafeEqual(Buffer.from(id.slice(split)), Buffer.from(macOf(id.slice(0, split), key)))
}

/** Which gateway made it. */
export function gatewayTagOf(id: CallId): string {
  return id.slice(0, tagLength)
}

/** When it was made, in milliseconds since the epoch. */
export function timeOfCallId(id: CallId): number {
  let at = 0
  for (const character of id.slice(tagLength, tagLength + 10)) at = at * 32 + alphabet.indexOf(character)
  return at
}

/** The product token our gateway sends upstream, exactly `triptych/<version> call/<id>`. */
export function userAgentOf(version: string, id: CallId): string {
  return `triptych/${version} call/${id}`
}

/** The call id in a User-Agent of ours, verified or not; undefined when there is none. */
export function callIdInUserAgent(userAgent: string): CallId | undefined {
  const found = /^triptych\/\S{1,32} call\/([0-9a-z]{38})$/.exec(userAgent)?.[1]
  return found !== undefined && callIdPattern.test(found) ? callIdSchema.parse(found) : undefined
}

function macOf(body: string, key: Uint8Array): string {
  return toBase32(createHmac('sha256', key).update(body).digest().subarray(0, 5)).slice(0, macLength)
}

function timeCharacters(at: number): string {
  let rest = Math.max(0, Math.floor(at))
  let text = ''
  for (let i = 0; i < 10; i++) {
    text = `${alphabet[rest % 32] ?? '0'}${text}`
    rest = Math.floor(rest / 32)
  }
  return text
}

function toBase32(bytes: Uint8Array): string {
  let bits = 0
  let value = 0
  let text = ''
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(value >>> bits) & 31] ?? ''
    }
    value &= (1 << bits) - 1
  }
  return text
}
