import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AliasBook } from '../../capture/gateway/alias-book.ts'
import type { OpenSession, SessionOwner } from '../../capture/gateway/sessions.ts'
import { type Alias, aliasSchema } from '../../record/alias.ts'
import { type SessionOpened, sessionOpenedSchema } from '../../record/gateway-call.ts'
import { answerOver, type ChannelEnd, createAsk } from './worker-channel.ts'

/** What the processes of one gateway share, as a worker sees it: the first process of them has it. */
export interface SharedParts {
  /** Whether the first process is new as well; false for a worker that is started again. */
  readonly isFirstStart: boolean
  readonly aliases: Pick<AliasBook, 'aliasOf'>
  /** Tells the first process that AWS called a session expired. */
  dropSession(owner: SessionOwner, accessKeyId: string): Promise<void>
  readonly openSession: OpenSession
  /** Takes the records that the first process, which has no journal, asks for. */
  recordSessions(record: (opened: SessionOpened) => Promise<unknown>): void
}

const sessionSchema = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  expiresAt: z.number(),
  of: z.enum(['person', 'shared']),
})

/** The shared parts, asked for over the channel to the first process; an alias is asked for once. */
export function createSharedParts(end: ChannelEnd, isFirstStart: boolean): SharedParts {
  const ask = createAsk(end)
  const known = new Map<string, Promise<Alias>>()
  return {
    isFirstStart,
    dropSession: async (owner, accessKeyId) => void (await ask('session.drop', { owner, accessKeyId })),
    aliases: {
      aliasOf(principal) {
        const key = createHash('sha256').update(`${principal.issuer}\0${principal.subject}`).digest('base64')
        const found = known.get(key)
        if (found !== undefined) return found
        const asked = ask('alias', principal).then((alias) => aliasSchema.parse(alias))
        known.set(key, asked)
        asked.catch(() => known.delete(key))
        return asked
      },
    },
    openSession: async (owner) => sessionSchema.parse(await ask('session', owner)),
    recordSessions: (record) =>
      answerOver(end, { 'session.record': async (opened) => void (await record(sessionOpenedSchema.parse(opened))) }),
  }
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** The gateway id of a worker: that of the configuration for the first, its last character counted on for the others. */
export function workerId(id: string, slot: number): string {
  const last = alphabet.indexOf(id.slice(-1))
  return `${id.slice(0, -1)}${alphabet[(last + slot) % alphabet.length] ?? '0'}`
}
