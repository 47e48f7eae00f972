import { writeSync } from 'node:fs'

const flushAfterMs = 50
const mostHeld = 64 * 1024
const stderr = 2

/**
 * Writes log lines to standard error, several at a time: a pipe is written to synchronously, and a line for each call of its own
 * would stop the calls. Warnings and errors go out at once, with what waits before them.
 */
export function createLogWriter(): (line: string) => void {
  let held = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const text = held
    held = ''
    if (text !== '') writeAll(text)
  }
  process.on('exit', flush)
  return (line) => {
    held += line
    if (held.length > mostHeld || /"level":"(warn|error)"/.test(line.slice(0, 80))) flush()
    else timer ??= setTimeout(flush, flushAfterMs).unref()
  }
}

/** Nobody reads it any more, or not fast enough: a log line is no reason to end. */
function writeAll(text: string): void {
  try {
    writeSync(stderr, text)
  } catch {
    // EAGAIN of a full pipe, EPIPE of a closed one.
  }
}
