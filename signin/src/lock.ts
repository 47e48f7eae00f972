import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from './machine.ts'
import { ensurePrivateDir } from './private-file.ts'
import { errnoOf, SignInError } from './sign-in-error.ts'

// One process at a time, across processes, with nothing but a directory. Locks are numbered: whoever creates the number after
// the highest holds the lock, and creation is exclusive. So a lock that a dead process left is passed over, never removed
// from under somebody: two that notice it at once cannot both win. The highest number stays, free or held.

/** A holder that lives is believed for so long; each ends its work within a minute. */
const staleMs = 120_000
const pollMs = 25
const keptGenerations = 16

interface Generation {
  readonly number: number
  readonly held: boolean
}

/** Runs `act` alone and, once begun, to its end. Waits at most `patienceMs`, else throws LOCKED. */
export async function withLock<Result>(
  machine: Machine,
  dir: string,
  patienceMs: number,
  act: () => Promise<Result>,
): Promise<Result> {
  await ensurePrivateDir(machine, dir)
  const mine = await acquire(machine, dir, patienceMs)
  return machine.shielded(async () => {
    try {
      return await act()
    } finally {
      await rename(join(dir, `lock.${mine}`), join(dir, `free.${mine}`)).catch(() => undefined)
      await sweep(dir, mine - keptGenerations)
    }
  })
}

async function acquire(machine: Machine, dir: string, patienceMs: number): Promise<number> {
  const until = machine.now() + patienceMs
  for (;;) {
    const top = await highest(dir)
    if (!top.held || (await isStale(machine, join(dir, `lock.${top.number}`)))) {
      const mine = top.number + 1
      if (await create(join(dir, `lock.${mine}`))) {
        if (await isAlone(dir, mine)) return mine
        await rm(join(dir, `lock.${mine}`), { force: true })
      }
    }
    if (machine.now() > until) throw new SignInError('LOCKED')
    await sleep(pollMs + Math.random() * pollMs)
  }
}

async function generations(dir: string): Promise<readonly Generation[]> {
  const names = await readdir(dir)
  return names.flatMap((name) => {
    const found = /^(lock|free)\.(\d{1,15})$/.exec(name)
    return found === null ? [] : [{ number: Number(found[2]), held: found[1] === 'lock' }]
  })
}

async function highest(dir: string): Promise<Generation> {
  const all = await generations(dir)
  return all.reduce((top, one) => (one.number > top.number ? one : top), { number: 0, held: false })
}

/** A slow process may create a number that others have been through long since: then there is another as high. */
async function isAlone(dir: string, mine: number): Promise<boolean> {
  return (await generations(dir)).filter(({ number }) => number >= mine).length === 1
}

async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 })
    return true
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return false
    throw new SignInError('STORE_UNWRITABLE', errnoOf(cause) ?? 'unknown', cause)
  }
}

/** Its process is gone, or it is too old to be believed. A lock that vanishes meanwhile is looked at again. */
async function isStale(machine: Machine, path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path)
    if (machine.now() - mtimeMs > staleMs) return true
    const pid = Number(await readFile(path, 'utf8'))
    return pid > 0 && !isAlive(pid)
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return errnoOf(cause) !== 'ESRCH'
  }
}

async function sweep(dir: string, below: number): Promise<void> {
  for (const { number, held } of await generations(dir))
    if (number < below)
      await rm(join(dir, `${held ? 'lock' : 'free'}.${number}`), { force: true }).catch(() => undefined)
}
