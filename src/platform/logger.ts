import type { Facts } from './triptych-error.ts'

/** Facts only, so that a payload cannot be logged by accident. Event names are `place.what.happened`. */
export interface Logger {
  debug(event: string, facts?: Facts): void
  info(event: string, facts?: Facts): void
  warn(event: string, facts?: Facts): void
  error(event: string, facts?: Facts): void
}

/** How much is written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 }

/**
 * JSON lines to `write` (stderr in the program; stdout belongs to command output).
 * @param level the lowest level written
 */
export function createLogger(level: LogLevel, write: (line: string) => void, now: () => number = Date.now): Logger {
  const emit =
    (at: Exclude<LogLevel, 'silent'>) =>
    (event: string, facts: Facts = {}) => {
      if (rank[at] < rank[level]) return
      write(`${JSON.stringify({ at: new Date(now()).toISOString(), level: at, event, ...facts })}\n`)
    }
  return { debug: emit('debug'), info: emit('info'), warn: emit('warn'), error: emit('error') }
}
