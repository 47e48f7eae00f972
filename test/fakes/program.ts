import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accessKeys } from '../../simulator/src/account/estate.ts'

const root = join(import.meta.dirname, '../..')

/** The built program in a process group of its own, so that all of it can be killed at once. */
export interface Program {
  readonly process: ChildProcess
  /** Everything it said. */
  output(): string
  /** `kill -9` of gateway, hub and supervisor together. */
  killAll(): Promise<void>
  /** Ctrl-C. Resolves with the exit code. */
  interrupt(): Promise<number>
}

/** Writes a configuration file for the program. */
export function writeProgramConfig(dir: string, config: unknown): string {
  const path = join(dir, 'program.yaml')
  writeFileSync(path, JSON.stringify(config))
  return path
}

/** Starts `triptych <args>` from the build. */
export function startProgram(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(process.execPath, [join(root, 'bin/triptych.js'), ...args], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: accessKeys.gateway.accessKeyId,
      AWS_SECRET_ACCESS_KEY: accessKeys.gateway.secretAccessKey,
      ...env,
    },
  })
  let output = ''
  const take = (chunk: Buffer) => {
    output += chunk.toString('utf8')
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  return {
    process: child,
    output: () => output,
    async killAll() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await ended
    },
    async interrupt() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
      return ended
    },
  }
}

/** Runs a command of the program to its end. */
export async function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  const program = startProgram(args, env)
  const code = await new Promise<number>((resolve) => program.process.once('close', (exit) => resolve(exit ?? 1)))
  return { code, output: program.output() }
}

/** Waits until a condition holds, or gives up with its last answer. */
export async function eventually<T>(
  look: () => Promise<T>,
  holds: (value: T) => boolean,
  timeoutMs = 30_000,
): Promise<T> {
  const until = performance.now() + timeoutMs
  for (;;) {
    const value = await look()
    if (holds(value) || performance.now() > until) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
