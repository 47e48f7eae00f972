import type { Machine } from '../machine.ts'
import { linuxKeychain } from './linux.ts'
import { macosKeychain } from './macos.ts'
import { windowsKeychain } from './windows.ts'

/**
 * Keeps one key of 32 bytes. The sign-in itself is encrypted with it and lies in a file: macOS cuts a command of
 * `security -i` at 4096 bytes, and tokens are longer. Each method throws KEYCHAIN_UNUSABLE.
 */
export interface Keychain {
  readonly name: 'macos-keychain' | 'secret-service' | 'dpapi'
  /** The key, or undefined when there is none. */
  read(): Promise<Buffer | undefined>
  keep(key: Buffer): Promise<void>
  forget(): Promise<void>
}

/** The keychain of this platform, whether it can be used or not; undefined where there is none. */
export function keychainOf(machine: Machine): Keychain | undefined {
  if (machine.platform === 'darwin') return macosKeychain(machine)
  if (machine.platform === 'linux') return linuxKeychain(machine)
  return machine.platform === 'win32' ? windowsKeychain(machine) : undefined
}
