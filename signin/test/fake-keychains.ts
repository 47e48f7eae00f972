import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../src/run-program.ts'
import { type Differences, type Laptop, laptop } from './laptop.ts'

// Stand-ins for `security`, `secret-tool` and PowerShell that really run: each writes down its arguments and its stdin, and
// keeps what the real one would keep. What the real ones accept is taken from their manual pages.

const script = `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { basename, join, dirname } = require('node:path')
const [, self, ...argv] = process.argv
const stdin = readFileSync(0, 'utf8')
const place = dirname(self)
const kept = join(place, 'kept')
appendFileSync(join(place, 'calls'), JSON.stringify({ argv, stdin }) + '\\n')
const act = basename(self) === 'powershell' ? /ProtectedData\\]::(\\w+)/.exec(argv.at(-1))[1] : argv[0]
const flip = (text) => Buffer.from(Buffer.from(text, 'base64').map((byte) => byte ^ 0x5a)).toString('base64')
if (existsSync(join(place, 'locked'))) {
  process.stderr.write('locked')
  process.exit(51)
}
if (existsSync(join(place, 'hanging'))) setInterval(() => undefined, 1000)
else if (act === '-i') writeFileSync(kept, /-w ([0-9a-f]+)/.exec(stdin)[1])
else if (act === 'store') writeFileSync(kept, stdin)
else if (act === 'lookup' || act === 'find-generic-password') {
  if (!existsSync(kept)) process.exit(act === 'lookup' ? 1 : 44)
  process.stdout.write(readFileSync(kept, 'utf8') + (act === 'lookup' ? '' : '\\n'))
} else if (act === 'clear' || act === 'delete-generic-password') rmSync(kept, { force: true })
else if (act === 'Protect' || act === 'Unprotect') process.stdout.write(flip(stdin))
else process.exit(64)
`

/** A laptop of a platform with its keychain. */
export interface KeychainLaptop extends Laptop {
  /** What its keychain program was given. */
  calls(): readonly { readonly argv: readonly string[]; readonly stdin: string }[]
  /** The file with the sign-in. */
  readonly stored: string
  /** From now on the keychain answers nothing. */
  lock(): void
  /** From now on it takes the question and never ends. */
  hang(): void
}

const stateDirs = {
  linux: '.local/state/triptych-signin',
  darwin: 'Library/Application Support/Triptych/signin',
  win32: 'AppData/Local/Triptych/signin',
} as const

/** Makes one. */
export function keychainLaptop(platform: keyof typeof stateDirs): KeychainLaptop {
  const plain = laptop()
  const place = join(plain.home, 'programs')
  mkdirSync(place)
  const programs = { security: 'security', secretTool: 'secret-tool', powershell: 'powershell' }
  for (const name of Object.values(programs)) {
    writeFileSync(join(place, name), script)
    chmodSync(join(place, name), 0o755)
  }
  const env = { ...plain.machine.env, PATH: `${place}:${process.env['PATH']}` } as Record<string, string>
  const differences: Differences = {
    platform,
    home: plain.home,
    env,
    programs: { ...plain.machine.programs, ...programs },
    run: (program, args, input, signal) => runProgram(program, args, { input, env, signal }),
  }
  const calls = join(place, 'calls')
  return {
    ...laptop('alice', differences),
    home: plain.home,
    stored: join(plain.home, stateDirs[platform], 'signin.json'),
    lock: () => writeFileSync(join(place, 'locked'), ''),
    hang: () => writeFileSync(join(place, 'hanging'), ''),
    calls: () =>
      existsSync(calls)
        ? readFileSync(calls, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as { argv: string[]; stdin: string })
        : [],
    remove: plain.remove,
  }
}
