import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from './machine.ts'
import { errnoOf, isSignInError, SignInError } from './sign-in-error.ts'

const heldOpen: ReadonlySet<string | undefined> = new Set(['EPERM', 'EACCES', 'EBUSY'])
const replaceAttempts = 20
const replacePauseMs = 25

// Files that only their owner may read. Windows has no such modes: there the directory below LOCALAPPDATA is the person's own.

/** The text, or undefined where there is none. Throws STORE_EXPOSED when others may read it, STORE_UNREADABLE. */
export async function readPrivate(machine: Machine, path: string): Promise<string | undefined> {
  try {
    await refuseExposed(machine, dirname(path), await lstat(dirname(path)))
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
    try {
      await refuseExposed(machine, path, await file.stat())
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (isSignInError(cause)) throw cause
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new SignInError('STORE_UNREADABLE', errnoOf(cause) ?? 'unknown', cause)
  }
}

/** Whole or not at all: written beside it (0600), synced, renamed. Throws STORE_EXPOSED, STORE_UNWRITABLE. */
export async function writePrivate(machine: Machine, path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`
  try {
    await ensurePrivateDir(machine, dirname(path))
    const file = await open(beside, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await replace(machine, beside, path)
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw isSignInError(cause) ? cause : new SignInError('STORE_UNWRITABLE', errnoOf(cause) ?? 'unknown', cause)
  }
}

/** Makes the directory (0700). Throws STORE_EXPOSED when it is there and others may enter it, STORE_UNWRITABLE. */
export async function ensurePrivateDir(machine: Machine, path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await refuseExposed(machine, path, await lstat(path))
  } catch (cause) {
    throw isSignInError(cause) ? cause : new SignInError('STORE_UNWRITABLE', errnoOf(cause) ?? 'unknown', cause)
  }
}

async function refuseExposed(machine: Machine, path: string, is: { mode: number; uid: number }): Promise<void> {
  if (machine.platform === 'win32') return
  const foreign = machine.uid !== undefined && is.uid !== machine.uid
  if (foreign || (is.mode & 0o077) !== 0) throw new SignInError('STORE_EXPOSED', path)
}

/** Windows refuses for a moment while another process has the file open. */
async function replace(machine: Machine, from: string, to: string): Promise<void> {
  for (let left = machine.platform === 'win32' ? replaceAttempts : 1; ; left--) {
    try {
      return await rename(from, to)
    } catch (cause) {
      if (left <= 1 || !heldOpen.has(errnoOf(cause))) throw cause
      await sleep(replacePauseMs)
    }
  }
}
