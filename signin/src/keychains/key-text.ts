/** Bytes of a key: AES-256. */
export const keyBytes = 32

/** A key in letters that no command line language gives a meaning to; anything else is no key of ours. */
export function keyOfText(text: string): Buffer | undefined {
  return /^[0-9a-f]{64}$/.test(text.trim()) ? Buffer.from(text.trim(), 'hex') : undefined
}
