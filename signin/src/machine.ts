import { homedir } from 'node:os'
import { type Ended, runProgram } from './run-program.ts'

/** Everything of the computer that this program touches, as an argument: tests bring another one. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's number; undefined on Windows. */
  readonly uid: number | undefined
  /** Milliseconds since the epoch, UTC. */
  now(): number
  /** Where the system's own programs are; absolute where the system says so. */
  readonly programs: Programs
  /** Runs a program without a shell; `input` goes to its stdin, so that no secret stands in the list of processes. */
  run(program: string, args: readonly string[], input?: string, signal?: AbortSignal): Promise<Ended>
  /** Starts a program and does not wait for its end. */
  start(program: string, args: readonly string[]): void
  /** While this runs, a signal to end waits: what the provider has rotated must reach the disk first. */
  shielded<Result>(act: () => Promise<Result>): Promise<Result>
  out(text: string): void
  err(text: string): void
}

/** What opens the keychain and the browser. */
export interface Programs {
  readonly security: string
  readonly secretTool: string
  readonly powershell: string
  readonly openBrowser: readonly [program: string, ...args: string[]]
}

/** The computer this runs on; nothing else reads the environment or the wall clock. */
export function thisMachine(): Machine {
  const { env } = process
  return {
    platform: process.platform,
    home: homedir(),
    env,
    uid: process.getuid?.(),
    programs: programsOf(process.platform, env['SystemRoot'] ?? 'C:\\Windows'),
    now: () => Date.now(),
    run: (program, args, input, signal) => runProgram(program, args, { input, env, signal }),
    start: (program, args) => void runProgram(program, args, { env, timeoutMs: 0 }),
    shielded,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  }
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

async function shielded<Result>(act: () => Promise<Result>): Promise<Result> {
  let pending: NodeJS.Signals | undefined
  const wait = (signal: NodeJS.Signals) => {
    pending = signal
  }
  for (const signal of endings) process.on(signal, wait)
  try {
    return await act()
  } finally {
    for (const signal of endings) process.off(signal, wait)
    if (pending !== undefined) process.kill(process.pid, pending)
  }
}

/** Windows looks into the working directory before PATH, so its programs are named in full. */
function programsOf(platform: NodeJS.Platform, windows: string): Programs {
  const openers = {
    darwin: ['/usr/bin/open'],
    win32: [`${windows}\\System32\\rundll32.exe`, 'url.dll,FileProtocolHandler'],
  } as const
  return {
    security: '/usr/bin/security',
    secretTool: 'secret-tool',
    powershell: `${windows}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`,
    openBrowser: platform === 'darwin' || platform === 'win32' ? openers[platform] : ['xdg-open'],
  }
}
