import { createHash } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import type { RecordAct } from '../hub-journal.ts'
import type { Caller } from './caller.ts'
import type { Role } from './roles.ts'

/** Somebody who signed in. Times in ms. */
export interface Session extends Caller {
  readonly startedAt: number
  readonly expiresAt: number
}

/** Sessions of this hub, in memory: they end with it. Words are kept as hashes only. */
export interface Sessions {
  /** A word that opens one session, once, within ten minutes; who asked for it is an act before it is given. */
  mintLink(by: string, roles: readonly Role[]): Promise<string>
  /** Uses a link up. The cookie's value is given once; undefined when the link is unknown, used or too old. */
  open(link: string): Promise<{ readonly session: Session; readonly cookie: string } | undefined>
  /** The session of a cookie. */
  find(cookie: string): Session | undefined
  close(cookie: string): Promise<void>
}

const linkLivesMs = 10 * 60_000
const sessionLivesMs = 8 * 3_600_000
/** Links that wait at a time; the oldest goes first. */
const mostLinks = 20
const mostSessions = 1_000

/** What sessions need. */
export interface SessionParts {
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly act: RecordAct
}

/** Opens a hub's sessions. */
export function createSessions(parts: SessionParts): Sessions {
  const links = new Map<string, { readonly who: string; readonly roles: readonly Role[]; readonly until: number }>()
  const sessions = new Map<string, Session>()
  const word = () => Buffer.from(parts.random(32)).toString('base64url')
  return {
    async mintLink(by, roles) {
      const link = word()
      const who = `session-${Buffer.from(parts.random(4)).toString('hex')}`
      await parts.act('session.minted', { by, who, roles: [...roles] })
      dropOldest(links, mostLinks)
      links.set(hashOf(link), { who, roles, until: parts.clock.now() + linkLivesMs })
      return link
    },
    async open(link) {
      const now = parts.clock.now()
      const found = links.get(hashOf(link))
      links.delete(hashOf(link))
      if (found === undefined || found.until <= now) return undefined
      const { who } = found
      const session: Session = { who, roles: found.roles, startedAt: now, expiresAt: now + sessionLivesMs }
      await parts.act('session.opened', { who, roles: [...found.roles] })
      const cookie = word()
      dropOldest(sessions, mostSessions)
      sessions.set(hashOf(cookie), session)
      return { session, cookie }
    },
    find(cookie) {
      const session = sessions.get(hashOf(cookie))
      if (session === undefined || session.expiresAt > parts.clock.now()) return session
      sessions.delete(hashOf(cookie))
      return undefined
    },
    async close(cookie) {
      const session = sessions.get(hashOf(cookie))
      sessions.delete(hashOf(cookie))
      if (session !== undefined) await parts.act('session.closed', { who: session.who })
    },
  }
}

/** Looked up by hash: how long a comparison takes says nothing of the word. */
function hashOf(word: string): string {
  return createHash('sha256').update(word).digest('base64url')
}

function dropOldest(kept: Map<string, unknown>, most: number): void {
  const [oldest] = kept.keys()
  if (kept.size >= most && oldest !== undefined) kept.delete(oldest)
}
