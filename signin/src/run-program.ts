import { spawn } from 'node:child_process'
import { timeLimit } from './time-limit.ts'

/** How a program ended. `code` is undefined when it could not be started or took too long. */
export interface Ended {
  readonly code: number | undefined
  readonly out: string
  readonly err: string
}

/** A keychain that asks the person something may take its time; one that hangs must not. */
const longestMs = 5_000
const longestOutput = 64 * 1024

/** What may differ; `timeoutMs` 0 lets the program outlive this one, without its output. */
export interface RunOptions {
  readonly input?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/** Runs a program without a shell to its end. Never rejects. */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const timeout = options.timeoutMs ?? longestMs
  const apart = timeout === 0
  return new Promise((resolve) => {
    const child = spawn(program, [...args], {
      env: { ...options.env },
      stdio: apart ? 'ignore' : 'pipe',
      detached: apart,
      windowsHide: true,
    })
    let out = ''
    let err = ''
    const end = (code: number | null) => resolve({ code: code ?? undefined, out, err })
    // Not spawn's own `timeout`: that one goes on when the program could not be started.
    const abandon = () => {
      child.kill('SIGKILL')
      for (const pipe of child.stdio) pipe?.destroy()
      end(null)
    }
    if (!apart) timeLimit(timeout, options.signal).addEventListener('abort', abandon)
    child.stdout?.on('data', (chunk: Buffer) => {
      if (out.length < longestOutput) out += chunk.toString('utf8')
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      if (err.length < longestOutput) err += chunk.toString('utf8')
    })
    // A program that ends without reading its input breaks the pipe; its exit code says more than that.
    child.stdin?.on('error', () => undefined)
    child.once('error', () => end(null))
    child.once('close', end)
    child.stdin?.end(options.input ?? '')
    if (apart) child.unref()
  })
}
