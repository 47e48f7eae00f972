import type { SessionAnswer } from '../../../src/app/api/schema/session.ts'

type Role = SessionAnswer['roles'][number]

/** What is masked, and shown for a reason only. */
export type Masked = 'identity' | 'content'

/** The roles of which one is needed; the hub asks for the same. */
export const revealRoles: Readonly<Record<Masked, readonly Role[]>> = {
  identity: ['investigator', 'privacy'],
  content: ['content'],
}

/** The words for who lacks them; undefined for who may. */
export function missingRole(what: Masked, held: readonly Role[]): string | undefined {
  const needed = revealRoles[what]
  return needed.some((role) => held.includes(role)) ? undefined : `needs the ${needed.join(' or ')} role`
}
