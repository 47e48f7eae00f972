import { createCipheriv, createDecipheriv } from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16

/** AES-256-GCM: nonce (12) ‖ ciphertext ‖ tag (16). `context` is authenticated, so that a box cannot be moved elsewhere. */
export function seal(
  key: Uint8Array,
  plaintext: Uint8Array,
  context: string,
  random: (bytes: number) => Uint8Array,
): Buffer {
  const nonce = random(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** The plaintext, or undefined when key, context or bytes are not the ones it was sealed with. */
export function unseal(key: Uint8Array, box: Uint8Array, context: string): Buffer | undefined {
  if (box.length < nonceBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, nonceBytes))
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(box.subarray(box.length - tagBytes))
  try {
    return Buffer.concat([decipher.update(box.subarray(nonceBytes, box.length - tagBytes)), decipher.final()])
  } catch {
    return undefined
  }
}
