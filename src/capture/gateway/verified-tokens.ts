import { createHash } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import type { Principal } from '../../record/principal.ts'

/** What a token was found to say. */
export interface VerifiedToken {
  readonly principal: Principal
  /** Beyond this it is expired, ms. */
  readonly expiresAt: number
}

/** Beyond this a token is verified again, so that a key its issuer withdrew is noticed. */
const freshMs = 30_000
const mostTokens = 10_000

/**
 * Tokens that were verified a moment ago: a client sends the same one with every call, and its signature costs more than everything
 * else about it. Kept under their hash, never as they are; an expired one is never an answer, whatever is remembered.
 */
export function rememberVerified(
  verify: (token: string) => Promise<VerifiedToken>,
  clock: Clock,
): (token: string) => Promise<Principal> {
  const known = new Map<string, VerifiedToken & { readonly verifiedAt: number }>()
  return async (token) => {
    const key = createHash('sha256').update(token).digest('base64url')
    const found = known.get(key)
    const now = clock.now()
    if (found !== undefined && now < found.expiresAt && Math.abs(now - found.verifiedAt) < freshMs)
      return found.principal
    known.delete(key)
    const verified = await verify(token)
    const [oldest] = known.keys()
    if (known.size >= mostTokens && oldest !== undefined) known.delete(oldest)
    known.set(key, { ...verified, verifiedAt: now })
    return verified.principal
  }
}
