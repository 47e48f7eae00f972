import { type Caller, socketOwner } from './caller.ts'
import type { Role } from './roles.ts'

/** What a route asks for. `open`: nothing yet, for signing in. `own`: to be the owner of the hub's socket. */
export type Permission = 'open' | 'own' | keyof typeof granted

/**
 * Which role may what. Aliases and metadata are for everybody who is signed in; whoever runs the program reads nobody's content,
 * and whoever reads content sets nothing.
 */
const granted = {
  see: ['viewer', 'investigator', 'content', 'privacy', 'admin', 'auditor'],
  prove: ['viewer', 'investigator', 'content', 'privacy', 'admin', 'auditor'],
  identify: ['investigator', 'privacy'],
  read_content: ['content'],
  operate: ['admin'],
} as const satisfies Record<string, readonly Role[]>

/** Whether a caller may. */
export function mayDo(caller: Caller, permission: Permission): boolean {
  if (permission === 'open') return true
  if (permission === 'own') return caller === socketOwner
  return rolesFor(permission).some((role) => caller.roles.includes(role))
}

/** The roles of which one is needed. */
export function rolesFor(permission: Permission): readonly Role[] {
  return permission === 'open' || permission === 'own' ? [] : granted[permission]
}

/** Roles that one session must not hold together: nobody both sets policy and reads content. */
export function conflictIn(held: readonly Role[]): readonly Role[] | undefined {
  return held.includes('admin') && held.includes('content') ? ['admin', 'content'] : undefined
}
