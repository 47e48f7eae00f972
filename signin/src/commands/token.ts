import { withLock } from '../lock.ts'
import type { Machine } from '../machine.ts'
import { stateDir } from '../places.ts'
import type { Settings } from '../settings.ts'
import type { SignIn } from '../sign-in.ts'
import { isSignInError, SignInError } from '../sign-in-error.ts'
import { openStore, type SignInStore } from '../store.ts'

/**
 * The token, refreshed when less than `refresh_before_seconds` of it are left. Never asks anybody anything, and ends within
 * `timeout_seconds`. A token that is still valid is used when a new one cannot be had. Throws SignInError.
 */
export async function token(machine: Machine, configured: Settings | undefined): Promise<string> {
  const store = openStore(machine)
  const seconds = configured?.timeout_seconds ?? 10
  const deadline = AbortSignal.timeout(seconds * 1000)
  return within(deadline, currentToken(machine, store, configured, seconds))
}

async function currentToken(
  machine: Machine,
  store: SignInStore,
  configured: Settings | undefined,
  seconds: number,
): Promise<string> {
  const before = await signedIn(store, configured)
  if (isFresh(machine, before)) return before.token
  // Half the time for those before us, the other half for the provider.
  const half = seconds * 500
  try {
    return await withLock(machine, stateDir(machine), half - 500, () => refreshed(machine, store, configured, half))
  } catch (cause) {
    if (!isSignInError(cause, 'SIGN_IN_ENDED') && before.expiresAt > machine.now()) return before.token
    throw cause
  }
}

/** Under the lock: whoever was here before may have done it already. */
async function refreshed(
  machine: Machine,
  store: SignInStore,
  configured: Settings | undefined,
  patienceMs: number,
): Promise<string> {
  const before = await signedIn(store, configured)
  if (isFresh(machine, before)) return before.token
  const { refreshToken, settings } = before
  if (refreshToken === undefined) throw new SignInError('NOT_REFRESHABLE')
  const { connect, refresh, signInOf } = await import('../provider.ts')
  try {
    const provider = await connect(settings, AbortSignal.timeout(patienceMs))
    const after = signInOf(await refresh(provider, refreshToken), settings, machine.now(), before)
    await store.write(after)
    return after.token
  } catch (cause) {
    if (isSignInError(cause, 'SIGN_IN_ENDED')) await store.remove()
    throw cause
  }
}

/** The sign-in, with the settings of today over those it was made with. Throws NOT_SIGNED_IN, SIGNED_IN_ELSEWHERE. */
async function signedIn(store: SignInStore, configured: Settings | undefined): Promise<SignIn> {
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
