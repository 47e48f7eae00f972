import { signInByBrowser } from '../browser-flow.ts'
import { hasDeviceFlow, signInByDevice } from '../device-flow.ts'
import { withLock } from '../lock.ts'
import type { Machine } from '../machine.ts'
import { stateDir } from '../places.ts'
import { connect, type Provider, signInOf } from '../provider.ts'
import type { Settings } from '../settings.ts'
import { isSignInError, SignInError } from '../sign-in-error.ts'
import { openStore } from '../store.ts'

/** Signs in and stores the sign-in; a former one on this machine is replaced. Throws SignInError. */
export async function login(machine: Machine, settings: Settings): Promise<void> {
  const provider = await connect(settings)
  const tokens = await obtained(machine, provider)
  const signIn = signInOf(tokens, settings, machine.now())
  const keptIn = await withLock(machine, stateDir(machine), settings.timeout_seconds * 1000, () =>
    openStore(machine).begin(signIn, settings.storage),
  )
  machine.err(`Signed in as ${signIn.who}; kept in ${keptIn}.\n`)
  if (signIn.refreshToken === undefined)
    machine.err(`The provider gave no refresh token: this ends at ${new Date(signIn.expiresAt).toISOString()}.\n`)
}

async function obtained(machine: Machine, provider: Provider) {
  try {
    return await (wantsDevice(machine, provider)
      ? signInByDevice(machine, provider)
      : signInByBrowser(machine, provider))
  } catch (cause) {
    // A code that is refused belongs to no sign-in yet.
    if (isSignInError(cause, 'SIGN_IN_ENDED')) throw new SignInError('SIGN_IN_REFUSED', 'invalid_grant', cause)
    throw cause
  }
}

/** Asked for; or there is no screen of this machine's to show a browser on, and the provider has device codes. */
function wantsDevice(machine: Machine, provider: Provider): boolean {
  const { flow } = provider.settings
  if (flow !== 'auto') return flow === 'device'
  const { env, platform } = machine
  const remote = [env['SSH_CONNECTION'], env['SSH_TTY']].some((value) => value !== undefined && value !== '')
  const graphic = platform === 'darwin' || platform === 'win32' || Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY'])
  return (remote || !graphic) && hasDeviceFlow(provider)
}
