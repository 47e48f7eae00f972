import { filesIn } from '../../evidence/ledger/tile-files.ts'
import { TriptychError } from '../../platform/triptych-error.ts'

/** Where the public files of a log lie. */
export interface LogPlace {
  /** A file's bytes by its path below the log; undefined when it is not there. Throws LEDGER_BROKEN, SOURCE_FAILED. */
  read(path: string): Promise<Buffer | undefined>
}

/** A log in a directory. */
export function logIn(dir: string): LogPlace {
  return { read: filesIn(dir) }
}

const timeoutMs = 30_000

/** A log that is served; redirects are not followed. */
export function logAt(url: string): LogPlace {
  const base = url.endsWith('/') ? url.slice(0, -1) : url
  return {
    async read(path) {
      const init: RequestInit = { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) }
      const answer = await fetch(`${base}/${path}`, init).catch((cause: unknown) => {
        throw new TriptychError(
          'SOURCE_FAILED',
          { path, reason: cause instanceof Error ? cause.name : 'unknown' },
          cause,
        )
      })
      if (answer.status === 404) return undefined
      if (!answer.ok) throw new TriptychError('SOURCE_FAILED', { path, status: answer.status })
      return Buffer.from(await answer.arrayBuffer())
    },
  }
}
