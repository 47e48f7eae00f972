import { withLock } from '../lock.ts'
import type { Machine } from '../machine.ts'
import { stateDir } from '../places.ts'
import type { SignIn } from '../sign-in.ts'
import { isSignInError, SignInError } from '../sign-in-error.ts'
import { openStore, type SignInStore } from '../store.ts'
import { timeLimit } from '../time-limit.ts'

const patienceMs = 10_000

/** Removes the sign-in from this machine, then revokes it where the provider can (RFC 7009). Throws NOT_REVOKED, LOCKED. */
export async function logout(machine: Machine): Promise<void> {
  const found = await withLock(machine, stateDir(machine), patienceMs, async () => {
    const store = openStore(machine)
    const before = await readable(store)
    await store.remove()
    return before
  })
  if (found?.refreshToken === undefined) {
    machine.err('Signed out.\n')
    return
  }
  const revoked = await revokedAt(found, found.refreshToken)
  machine.err(
    revoked ? 'Signed out, and the provider revoked the sign-in.\n' : 'Signed out; the provider has no revocation.\n',
  )
}

/** What cannot be read is removed all the same. */
async function readable(store: SignInStore): Promise<SignIn | undefined> {
  try {
    return await store.read()
  } catch (cause) {
    if (isSignInError(cause)) return undefined
    throw cause
  }
}

async function revokedAt(signIn: SignIn, refreshToken: string): Promise<boolean> {
  const { connect, revoke } = await import('../provider.ts')
  try {
    return await revoke(await connect(signIn.settings, timeLimit(patienceMs)), refreshToken)
  } catch (cause) {
    throw new SignInError('NOT_REVOKED', '', cause)
  }
}
