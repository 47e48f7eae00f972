import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../machine.ts'
import { stateDir } from '../places.ts'
import { readPrivate, writePrivate } from '../private-file.ts'
import { SignInError } from '../sign-in-error.ts'
import { keyOfText } from './key-text.ts'
import type { Keychain } from './keychain.ts'

const name = 'dpapi'

/** A constant script; what is to be protected comes on stdin, the result leaves on stdout, both base64. */
function script(act: 'Protect' | 'Unprotect'): string {
  return [
    "$ErrorActionPreference = 'Stop'",
    'Add-Type -AssemblyName System.Security',
    '$given = [Convert]::FromBase64String([Console]::In.ReadToEnd().Trim())',
    `$made = [Security.Cryptography.ProtectedData]::${act}($given, $null, 'CurrentUser')`,
    '[Console]::Out.Write([Convert]::ToBase64String($made))',
  ].join('; ')
}

/** The Data Protection API through Windows PowerShell: the protected key lies in a file that only this user can open. */
export function windowsKeychain(machine: Machine): Keychain {
  const file = join(stateDir(machine), 'key.dpapi')
  const run = async (act: 'Protect' | 'Unprotect', base64: string) => {
    const args = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script(act)]
    const { code, out } = await machine.run(machine.programs.powershell, args, base64)
    if (code !== 0) throw new SignInError('KEYCHAIN_UNUSABLE', name)
    return out.trim()
  }
  return {
    name,
    async read() {
      const kept = await readPrivate(machine, file)
      if (kept === undefined) return undefined
      return keyOfText(Buffer.from(await run('Unprotect', kept), 'base64').toString('latin1'))
    },
    async keep(key) {
      const text = Buffer.from(key.toString('hex'), 'latin1').toString('base64')
      await writePrivate(machine, file, await run('Protect', text))
    },
    async forget() {
      await rm(file, { force: true }).catch(() => undefined)
    },
  }
}
