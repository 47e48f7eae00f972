import { parseArgs } from 'node:util'
import { type Machine, thisMachine } from './machine.ts'
import { type Flags, loadSettings } from './settings.ts'
import { errnoOf, isSignInError, SignInError } from './sign-in-error.ts'

const ownName = 'triptych-signin'
const help = `triptych-signin: signs in with the company's OIDC provider and hands out the token

  login    sign in: with the browser, or with a code on another device (--device)
  token    print the token, for Claude Code's apiKeyHelper; never asks anything
  status   who is signed in, and until when
  logout   forget the sign-in and revoke it

Settings: --issuer URL --client-id ID --scope TEXT --audience TEXT --resource URI --token access_token|id_token,
or TRIPTYCH_SIGNIN_ISSUER and so on, or the company's signin.json.
`
const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const options = {
  issuer: text,
  'client-id': text,
  scope: text,
  audience: text,
  resource: text,
  token: text,
  device: flag,
  help: { ...flag, short: 'h' },
} as const

/** Runs one command on this computer; the exit code is returned, never set. `program` is the name that sentences tell. */
export function runHere(args: readonly string[], program = ownName): Promise<number> {
  return runSignIn(args, thisMachine(), program)
}

/** Runs one command. A failure is exactly one sentence on stderr and an exit code of at least 1. */
export async function runSignIn(args: readonly string[], machine: Machine, program = ownName): Promise<number> {
  try {
    const { command, flags, wantsHelp } = parse(args)
    if (wantsHelp) machine.out(help)
    else await execute(command, flags, machine)
    return 0
  } catch (cause) {
    if (isSignInError(cause)) {
      machine.err(`${cause.message.replaceAll(`\`${ownName} `, `\`${program} `)}\n`)
      return cause.exit
    }
    // The text of a foreign error may hold anything and stays out.
    const kind = errnoOf(cause) ?? (cause instanceof Error ? cause.name : 'unknown')
    machine.err(`Something failed that should not (${kind}): report it with what you did.\n`)
    return 70
  }
}

async function execute(command: string, flags: Flags, machine: Machine): Promise<void> {
  switch (command) {
    case 'login': {
      const settings = loadSettings(machine, flags)
      if (settings === undefined) throw new SignInError('SETTINGS_MISSING')
      const { login } = await import('./commands/login.ts')
      return login(machine, settings)
    }
    case 'token': {
      const { token } = await import('./commands/token.ts')
      return machine.out(`${await token(machine, loadSettings(machine, flags))}\n`)
    }
    case 'status': {
      const { status } = await import('./commands/status.ts')
      return machine.out(await status(machine))
    }
    case 'logout': {
      const { logout } = await import('./commands/logout.ts')
      return logout(machine)
    }
    default:
      throw new SignInError('USAGE', 'no such command')
  }
}

interface Parsed {
  readonly command: string
  readonly flags: Flags
  readonly wantsHelp: boolean
}

function parse(args: readonly string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const { device, help: wantsHelp, 'client-id': clientId, ...rest } = values
    const flags = { ...rest, ...(clientId && { client_id: clientId }), ...(device === true && { flow: 'device' }) }
    if (positionals.length > 1) throw new SignInError('USAGE', 'one command at a time')
    return { command: positionals[0] ?? '', flags, wantsHelp: wantsHelp === true }
  } catch (cause) {
    if (isSignInError(cause)) throw cause
    throw new SignInError('USAGE', errnoOf(cause) ?? '', cause)
  }
}
