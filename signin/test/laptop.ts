import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Machine, thisMachine } from '../src/machine.ts'
import { runSignIn } from '../src/run.ts'
import { walk } from './browser.ts'

/** A computer of its own for one test: a home directory, no keychain, nothing of this one's environment. */
export interface Laptop {
  readonly home: string
  readonly machine: Machine
  /** What the program said since the last look. */
  said(): { out: string; err: string }
  run(...args: string[]): Promise<number>
  /** Whether the browser was asked to open. */
  readonly opened: string[]
  remove(): void
}

/** What may differ; the default is a Linux desktop without a Secret Service. */
export type Differences = Partial<Omit<Machine, 'env'>> & { readonly env?: Record<string, string> }

/** Makes one. The person behind it signs in as `person` whenever the browser opens or a code is shown. */
export function laptop(person = 'alice', differences: Differences = {}): Laptop {
  const home = mkdtempSync(join(tmpdir(), 'triptych-signin-'))
  const opened: string[] = []
  let out = ''
  let err = ''
  const real = thisMachine()
  const machine: Machine = {
    ...real,
    platform: 'linux',
    home,
    programs: { ...real.programs, secretTool: join(home, 'no-such-program') },
    start: (_program, args) => {
      const address = args.at(-1) ?? ''
      opened.push(address)
      if (person !== '') void walk(address, person)
    },
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
      const code = /type the code (\S+)/.exec(text)?.[1]
      const place = /go to (\S+)/.exec(text)?.[1] ?? ''
      if (code !== undefined && person !== '') void walk(`${place}?user_code=${code}`, person)
    },
    ...differences,
    env: { DISPLAY: ':0', TRIPTYCH_SIGNIN_CONFIG: join(home, 'signin.json'), ...differences.env },
  }
  return {
    home,
    machine,
    opened,
    said: () => {
      const now = { out, err }
      out = ''
      err = ''
      return now
    },
    run: (...args) => runSignIn(args, machine),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

/** Writes the company's settings. */
export function distribute(to: Laptop, settings: object): void {
  writeFileSync(join(to.home, 'signin.json'), JSON.stringify(settings))
}

const ownProgram = join(import.meta.dirname, '../bin/triptych-signin.js')

/** Runs the built program, or another, as a process of its own on that computer. */
export function runProcess(
  on: Laptop,
  args: readonly string[],
  program = ownProgram,
  begun?: (child: ChildProcess) => void,
): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env['PATH'], HOME: on.home, ...on.machine.env }
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  begun?.(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8')
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 1, out, err })))
}
