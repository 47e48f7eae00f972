import type { Machine } from '../machine.ts'
import { SignInError } from '../sign-in-error.ts'
import { openStore } from '../store.ts'

/** Who is signed in where and until when; never a token. Throws NOT_SIGNED_IN. */
export async function status(machine: Machine): Promise<string> {
  const store = openStore(machine)
  const found = await store.read()
  if (found === undefined) throw new SignInError('NOT_SIGNED_IN')
  const { who, settings, expiresAt, refreshToken } = found
  const ends = new Date(expiresAt).toISOString()
  return [
    `Signed in as ${who}`,
    `issuer      ${settings.issuer}`,
    `client      ${settings.client_id}`,
    `hands out   ${settings.token}, ${expiresAt > machine.now() ? `valid until ${ends}` : `expired at ${ends}`}`,
    `refreshed   ${refreshToken === undefined ? 'no: the provider gave no refresh token' : 'yes, by itself'}`,
    `kept by     ${await store.keptBy()}`,
    '',
  ].join('\n')
}
