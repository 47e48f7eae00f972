import { withLock } from '../lock.ts'
import type { Machine } from '../machine.ts'
import { stateDir } from '../places.ts'
import type { Settings } from '../settings.ts'
import type { SignIn } from '../sign-in.ts'
import { isSignInError, SignInError } from '../sign-in-error.ts'
import { openStore, type SignInStore } from '../store.ts'
import { timeLimit } from '../time-limit.ts'

/**
 * The token, refreshed when less than `refresh_before_seconds` of it are left. Never asks anybody anything, and ends within
 * `timeout_seconds`. A token that is still valid is used when a new one cannot be had. Throws SignInError.
 */
export async function token(machine: Machine, configured: Settings | undefined): Promise<string> {
  const seconds = configured?.timeout_seconds ?? defaultSeconds
  const deadline = timeLimit(seconds * 1000)
  // At the deadline the keychain's program ends too, so that nothing keeps this process.
  const bounded: Machine = { ...machine, run: (program, args, input) => machine.run(program, args, input, deadline) }
  const work = { machine: bounded, store: openStore(bounded), configured, halfMs: seconds * 500, deadline }
  return within(deadline, currentToken(work))
}

const defaultSeconds = 10

/** Half the time is for those before us in the lock, the other half for the provider. */
interface Work {
  readonly machine: Machine
  readonly store: SignInStore
  readonly configured: Settings | undefined
  readonly halfMs: number
  readonly deadline: AbortSignal
}

async function currentToken(work: Work): Promise<string> {
  const { machine, halfMs } = work
  const before = await signedIn(work)
  if (isFresh(machine, before)) return before.token
  try {
    return await withLock(machine, stateDir(machine), halfMs - 500, () => refreshed(work))
  } catch (cause) {
    if (!isSignInError(cause, 'SIGN_IN_ENDED') && before.expiresAt > machine.now()) return before.token
    throw cause
  }
}

/** Under the lock: whoever was here before may have done it already. */
async function refreshed(work: Work): Promise<string> {
  const { machine, store, halfMs, deadline } = work
  const before = await signedIn(work)
  if (isFresh(machine, before)) return before.token
  const { refreshToken, settings } = before
  if (refreshToken === undefined) throw new SignInError('NOT_REFRESHABLE')
  const { connect, refresh, signInOf } = await import('../provider.ts')
  try {
    const provider = await connect(settings, timeLimit(halfMs, deadline))
    const after = signInOf(await refresh(provider, refreshToken), settings, machine.now(), before)
    await store.write(after)
    return after.token
  } catch (cause) {
    if (isSignInError(cause, 'SIGN_IN_ENDED')) await store.remove()
    throw cause
  }
}

/** The sign-in, with the settings of today over those it was made with. Throws NOT_SIGNED_IN, SIGNED_IN_ELSEWHERE. */
async function signedIn({ store, configured }: Work): Promise<SignIn> {
  const found = await store.read()
  if (found === undefined) throw new SignInError('NOT_SIGNED_IN')
  if (configured === undefined) return found
  const { issuer, client_id: clientId, token: kind } = found.settings
  if (issuer !== configured.issuer || clientId !== configured.client_id || kind !== configured.token)
    throw new SignInError('SIGNED_IN_ELSEWHERE')
  return { ...found, settings: configured }
}

function isFresh(machine: Machine, signIn: SignIn): boolean {
  return signIn.expiresAt - machine.now() >= signIn.settings.refresh_before_seconds * 1000
}

function within<Value>(deadline: AbortSignal, work: Promise<Value>): Promise<Value> {
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () => reject(new SignInError('TOO_SLOW')), { once: true })
  })
  return Promise.race([work, late])
}
