import type { Machine } from '../machine.ts'
import { SignInError } from '../sign-in-error.ts'
import { keyOfText } from './key-text.ts'
import type { Keychain } from './keychain.ts'

const name = 'macos-keychain'
const item = ['-s', 'triptych-signin', '-a', 'default']
/** errSecItemNotFound, as `security` exits with it. */
const notFound = 44

/** The login keychain through `security`; what holds the key is told to `security -i` on stdin. */
export function macosKeychain(machine: Machine): Keychain {
  const { security } = machine.programs
  return {
    name,
    async read() {
      const { code, out } = await machine.run(security, ['find-generic-password', ...item, '-w'])
      if (code !== 0 && code !== notFound) throw new SignInError('KEYCHAIN_UNUSABLE', name)
      return keyOfText(out)
    },
    async keep(key) {
      const command = `add-generic-password -U ${item.join(' ')} -l "Triptych sign-in" -w ${key.toString('hex')}\n`
      const { code } = await machine.run(security, ['-i'], command)
      if (code !== 0) throw new SignInError('KEYCHAIN_UNUSABLE', name)
    },
    async forget() {
      await machine.run(security, ['delete-generic-password', ...item])
    },
  }
}
