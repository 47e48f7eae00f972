import { join } from 'node:path'
import type { Machine } from './machine.ts'

/** The settings files, the one that wins last: the company's, then the person's. `TRIPTYCH_SIGNIN_CONFIG` replaces both. */
export function settingsFiles(machine: Machine): readonly string[] {
  const only = machine.env['TRIPTYCH_SIGNIN_CONFIG']
  if (only !== undefined && only !== '') return [only]
  const { home, env } = machine
  if (machine.platform === 'darwin')
    return [
      '/Library/Application Support/Triptych/signin.json',
      join(home, 'Library/Application Support/Triptych/signin.json'),
    ]
  if (machine.platform === 'win32')
    return [
      join(env['ProgramData'] ?? 'C:\\ProgramData', 'Triptych', 'signin.json'),
      join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Triptych', 'signin.json'),
    ]
  return ['/etc/triptych/signin.json', join(xdg(env['XDG_CONFIG_HOME'], home, '.config'), 'triptych', 'signin.json')]
}

/** Where the sign-in and its lock lie: a directory of this program alone. */
export function stateDir(machine: Machine): string {
  const { home, env } = machine
  if (machine.platform === 'darwin') return join(home, 'Library/Application Support/Triptych/signin')
  if (machine.platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Triptych', 'signin')
  return join(xdg(env['XDG_STATE_HOME'], home, '.local/state'), 'triptych-signin')
}

/** XDG Base Directory Specification: a path that is not absolute is ignored. */
function xdg(value: string | undefined, home: string, fallback: string): string {
  return value?.startsWith('/') === true ? value : join(home, fallback)
}
