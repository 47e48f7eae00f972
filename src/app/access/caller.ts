import type { Role } from './roles.ts'

/** Who asks the hub, as its journal calls them. */
export interface Caller {
  /** `socket-owner`, or `session-` and eight characters. */
  readonly who: string
  readonly roles: readonly Role[]
}

/** Whoever may open the socket owns the data directory. Aliases and metadata only: a reason needs a person who signed in. */
export const socketOwner: Caller = { who: 'socket-owner', roles: ['viewer', 'admin'] }
