import type { KMSClient } from '@aws-sdk/client-kms'
import { DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { seal, unseal } from '../../platform/sealed-box.ts'
import { TriptychError } from '../../platform/triptych-error.ts'

/** Wraps the data keys of persons. `context` says whose key it is and of when: a wrapped key cannot stand for another. */
export interface KeyWrapper {
  wrap(key: Uint8Array, context: string): Promise<Uint8Array>
  /** Throws VAULT_UNREADABLE when the wrapped key is not one of this wrapper and context. */
  unwrap(wrapped: Uint8Array, context: string): Promise<Buffer>
}

/** Under a master key of this installation (AES-256-GCM). */
export function localWrapper(masterKey: Uint8Array, random: (bytes: number) => Uint8Array): KeyWrapper {
  return {
    wrap: async (key, context) => seal(masterKey, key, context, random),
    async unwrap(wrapped, context) {
      const key = unseal(masterKey, wrapped, context)
      if (key === undefined) throw new TriptychError('VAULT_UNREADABLE', { what: 'key' })
      return key
    },
  }
}

/** Under a key that never leaves AWS KMS (Encrypt and Decrypt, symmetric key, with an encryption context). */
export function kmsWrapper(client: Pick<KMSClient, 'send'>, keyId: string): KeyWrapper {
  return {
    async wrap(key, context) {
      const command = new EncryptCommand({ KeyId: keyId, Plaintext: key, EncryptionContext: { triptych: context } })
      const { CiphertextBlob } = await client.send(command).catch(failed)
      return CiphertextBlob ?? failed(undefined)
    },
    async unwrap(wrapped, context) {
      const command = new DecryptCommand({
        KeyId: keyId,
        CiphertextBlob: wrapped,
        EncryptionContext: { triptych: context },
      })
      const { Plaintext } = await client.send(command).catch(failed)
      return Buffer.from(Plaintext ?? failed(undefined))
    },
  }
}

/** The name of the error alone: KMS tells of keys and principals in its messages. */
function failed(cause: unknown): never {
  const reason = cause instanceof Error ? cause.name : 'no answer'
  throw new TriptychError('VAULT_UNREADABLE', { what: 'key', reason }, cause)
}
