import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * True when another process has the engine's directory open. The engine says why it did not start on stderr only, so this
 * looks at what it would have locked, `status`: the kernel's table of locks, and where there is none the process named in it.
 */
export function isHeldByOther(directory: string): boolean {
  const path = join(directory, 'status')
  try {
    const { ino } = statSync(path)
    const locks = tryRead('/proc/locks')
    if (locks !== undefined) return new RegExp(`:${ino} \\d+ (?:EOF|\\d+)$`, 'm').test(locks)
    const pid = Number(/^PID: (\d+)/.exec(readFileSync(path, 'utf8'))?.[1])
    return Number.isInteger(pid) && pid !== process.pid && process.kill(pid, 0)
  } catch {
    return false
  }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
