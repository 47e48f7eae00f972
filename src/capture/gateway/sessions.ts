import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts'
import type { Clock } from '../../platform/clock.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { Alias } from '../../record/alias.ts'
import type { SessionOpened } from '../../record/gateway-call.ts'

/** Credentials of one person's STS session. */
export interface PersonSession {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAt: number
}

/** Whose session, and the tags it carries. */
export interface SessionOwner {
  readonly alias: Alias
  readonly team: string
  readonly project: string
}

/** Opens and keeps sessions. */
export interface Sessions {
  get(owner: SessionOwner): Promise<PersonSession>
  /** Forgets a session that AWS called expired. */
  drop(owner: SessionOwner): void
}

/** What sessions need: the STS client, the role, where each opened session is recorded. */
export interface SessionOptions {
  readonly sts: () => Pick<STSClient, 'send'>
  readonly roleArn: string
  readonly clock: Clock
  readonly simulated: boolean
  readonly record: (opened: SessionOpened) => Promise<unknown>
  /** At most this many sessions are kept; the longest unused goes first. */
  readonly most?: number
}

const durationSeconds = 3600
const refreshAheadMs = 5 * 60_000

/**
 * One session per person, team and project (STS AssumeRole: RoleSessionName and SourceIdentity are the alias, tags say team and
 * project). Each opened session is recorded before it is used. Throws GATEWAY_SESSION_FAILED.
 */
export function createSessions(options: SessionOptions): Sessions {
  const kept = new Map<string, { expiresAt: number; session: Promise<PersonSession> }>()
  const most = options.most ?? 10_000
  const open = (owner: SessionOwner, name: string, before?: Promise<PersonSession>) => {
    const session = openSession(options, owner).catch((cause: unknown) => stillGood(before, options.clock, cause))
    kept.set(name, { expiresAt: options.clock.now() + durationSeconds * 1000, session })
    session.then(
      (opened) => {
        const entry = kept.get(name)
        if (entry?.session === session) entry.expiresAt = opened.expiresAt
      },
      () => kept.delete(name),
    )
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break
      kept.delete(oldest)
    }
    return session
  }
  return {
    async get(owner) {
      const name = nameOf(owner)
      const found = kept.get(name)
      if (found === undefined || found.expiresAt - refreshAheadMs <= options.clock.now())
        return open(owner, name, found?.session)
      kept.delete(name)
      kept.set(name, found)
      return found.session
    },
    drop: (owner) => void kept.delete(nameOf(owner)),
  }
}

/** While STS does not answer, the session before is used to its end; the next call tries again. */
async function stillGood(
  before: Promise<PersonSession> | undefined,
  clock: Clock,
  cause: unknown,
): Promise<PersonSession> {
  const old = await before?.catch(() => undefined)
  if (old === undefined || old.expiresAt <= clock.now()) throw cause
  return old
}

async function openSession(options: SessionOptions, owner: SessionOwner): Promise<PersonSession> {
  const openedAt = options.clock.now()
  const answer = await options
    .sts()
    .send(
      new AssumeRoleCommand({
        RoleArn: options.roleArn,
        RoleSessionName: owner.alias,
        SourceIdentity: owner.alias,
        DurationSeconds: durationSeconds,
        Tags: tagsOf(owner),
      }),
    )
    .catch((cause: unknown) => {
      throw new TriptychError(
        'GATEWAY_SESSION_FAILED',
        { reason: cause instanceof Error ? cause.name : 'unknown' },
        cause,
      )
    })
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {}
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
    throw new TriptychError('GATEWAY_SESSION_FAILED', { reason: 'no credentials in the answer' })
  }
  const expiresAt = Expiration?.getTime() ?? openedAt + durationSeconds * 1000
  await options.record({
    alias: owner.alias,
    accessKeyId: AccessKeyId,
    role: options.roleArn,
    team: owner.team,
    project: owner.project,
    openedAt: new Date(openedAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    simulated: options.simulated,
  })
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiresAt }
}

function tagsOf(owner: SessionOwner): { Key: string; Value: string }[] {
  const tags: { Key: string; Value: string }[] = []
  if (owner.team !== '') tags.push({ Key: 'team', Value: owner.team })
  if (owner.project !== '') tags.push({ Key: 'project', Value: owner.project })
  return tags
}

function nameOf(owner: SessionOwner): string {
  return [owner.alias, owner.team, owner.project].join('\0')
}
