import type { Machine } from '../machine.ts'
import { SignInError } from '../sign-in-error.ts'
import { keyOfText } from './key-text.ts'
import type { Keychain } from './keychain.ts'

const name = 'secret-service'
const attributes = ['service', 'triptych-signin', 'account', 'default']

/** The Secret Service (GNOME Keyring, KWallet) through libsecret's `secret-tool`, which reads the secret from stdin. */
export function linuxKeychain(machine: Machine): Keychain {
  const tell = (args: readonly string[], input?: string) => machine.run(machine.programs.secretTool, args, input)
  return {
    name,
    async read() {
      const { code, out, err } = await tell(['lookup', ...attributes])
      // It exits with 1 for "not found" too, then without a word.
      if (code !== 0 && (code === undefined || err.trim() !== '')) throw new SignInError('KEYCHAIN_UNUSABLE', name)
      return keyOfText(out)
    },
    async keep(key) {
      const { code } = await tell(['store', '--label=Triptych sign-in', ...attributes], key.toString('hex'))
      if (code !== 0) throw new SignInError('KEYCHAIN_UNUSABLE', name)
    },
    async forget() {
      await tell(['clear', ...attributes])
    },
  }
}
