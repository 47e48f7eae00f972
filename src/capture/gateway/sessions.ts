import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  type STSClient,
} from '@aws-sdk/client-sts'
import type { Clock } from '../../platform/clock.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { Alias } from '../../record/alias.ts'
import type { SessionOpened } from '../../record/gateway-call.ts'

/** Credentials that a call is signed with: one person's STS session, or, while STS is away, the gateway's own. */
export interface PersonSession {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAt: number
  readonly of: 'person' | 'shared'
}

/** Whose session, and the tags it carries. */
export interface SessionOwner {
  readonly alias: Alias
  readonly team: string
  readonly project: string
  /** The person's own token, where AWS itself shall check who it is. */
  readonly token?: string | undefined
}

/** Opens and keeps sessions. */
export interface Sessions {
  get(owner: SessionOwner): Promise<PersonSession>
  /** Forgets a session that AWS called expired. */
  drop(owner: SessionOwner): Promise<void>
}

/** What the SDK's default chain found. */
export interface OwnCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Opens one session. Throws GATEWAY_SESSION_FAILED. */
export type OpenSession = (owner: SessionOwner) => Promise<PersonSession>

/** What keeping sessions needs. */
export interface SessionOptions {
  readonly open: OpenSession
  /** Hears of a session that AWS called expired, where somebody else keeps it too. */
  readonly dropped?: ((owner: SessionOwner, accessKeyId: string) => Promise<void>) | undefined
  /** The gateway's own credentials, where a call may go out with them while STS is away; undefined: then it is refused. */
  readonly shared?: (() => Promise<OwnCredentials>) | undefined
  readonly clock: Clock
  /** At most this many sessions are kept; the longest unused goes first. */
  readonly most?: number
}

/** What opening sessions at STS needs: the client, the role, where each opened session is recorded. */
export interface OpenerOptions {
  readonly sts: () => Pick<STSClient, 'send'>
  readonly roleArn: string
  /** `webIdentity`: who sent a token of an issuer gets a session by that token; everybody else by the gateway's credentials. */
  readonly mode: 'assumeRole' | 'webIdentity'
  readonly clock: Clock
  readonly simulated: boolean
  readonly record: (opened: SessionOpened) => Promise<unknown>
}

/** The longest that role chaining allows (AWS STS API reference, AssumeRole, DurationSeconds). */
const durationSeconds = 3600
/** From then on a session is renewed while calls still use the old one. */
const refreshAheadMs = 5 * 60_000
/** A session with less left than this is not begun with. */
const leastLeftMs = 30_000

interface Kept {
  readonly session: Promise<PersonSession>
  expiresAt: number
  renewing: boolean
}

/** One session per person, team and project, renewed ahead. Throws GATEWAY_SESSION_FAILED. */
export function createSessions(options: SessionOptions): Sessions {
  const kept = new Map<string, Kept>()
  const most = options.most ?? 10_000
  const keep = (name: string, session: Promise<PersonSession>, expiresAt: number): Kept => {
    const entry = { session, expiresAt, renewing: false }
    kept.delete(name)
    kept.set(name, entry)
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break
      kept.delete(oldest)
    }
    return entry
  }
  const open = (owner: SessionOwner, name: string) => {
    const session = options.open(owner)
    const entry = keep(name, session, options.clock.now() + durationSeconds * 1000)
    session.then(
      (opened) => {
        entry.expiresAt = opened.expiresAt
      },
      () => {
        if (kept.get(name) === entry) kept.delete(name)
      },
    )
    return session.catch((cause: unknown) => shareInstead(options, cause))
  }
  /** Nobody waits for it; while STS does not answer the session before is used to its end, and the next call tries again. */
  const renew = (owner: SessionOwner, name: string, before: Kept) => {
    before.renewing = true
    void options
      .open(owner)
      .then((opened) => keep(name, Promise.resolve(opened), opened.expiresAt))
      .catch(() => undefined)
      .finally(() => {
        before.renewing = false
      })
  }
  return {
    async get(owner) {
      const name = nameOf(owner)
      const found = kept.get(name)
      const left = found === undefined ? 0 : found.expiresAt - options.clock.now()
      if (found === undefined || left <= leastLeftMs) return open(owner, name)
      if (left <= refreshAheadMs && !found.renewing) renew(owner, name, found)
      kept.delete(name)
      kept.set(name, found)
      return found.session.catch((cause: unknown) => shareInstead(options, cause))
    },
    async drop(owner) {
      const found = kept.get(nameOf(owner))
      kept.delete(nameOf(owner))
      const opened = await found?.session.catch(() => undefined)
      if (opened !== undefined) await options.dropped?.(owner, opened.accessKeyId)
    },
  }
}

const sharedForMs = 60_000

/** The gateway's own credentials, for a call that would otherwise be refused; its record says so. */
async function shareInstead({ shared, clock }: SessionOptions, cause: unknown): Promise<PersonSession> {
  if (shared === undefined) throw cause
  const own = await shared().catch(() => {
    throw cause
  })
  const { accessKeyId, secretAccessKey, sessionToken = '' } = own
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt: clock.now() + sharedForMs, of: 'shared' }
}

/**
 * Opens sessions at STS. AssumeRole: RoleSessionName and SourceIdentity are the alias, tags say team and project.
 * AssumeRoleWithWebIdentity: RoleSessionName is the alias, AWS verifies the token, tags and source identity are what the issuer put
 * into it. Each opened session is recorded before it is used.
 */
export function createSessionOpener(options: OpenerOptions): OpenSession {
  return (owner) => openSession(options, owner)
}

async function openSession(options: OpenerOptions, owner: SessionOwner): Promise<PersonSession> {
  const openedAt = options.clock.now()
  const { Credentials } = await ask(options, owner).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.name : 'unknown'
    throw new TriptychError('GATEWAY_SESSION_FAILED', { reason }, cause)
  })
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {}
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
    openedBy: isByToken(options, owner) ? 'web_identity' : 'assume_role',
    openedAt: new Date(openedAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    simulated: options.simulated,
  })
  const opened = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
  return { ...opened, expiresAt, of: 'person' }
}

function isByToken({ mode }: OpenerOptions, { token }: SessionOwner): boolean {
  return mode === 'webIdentity' && token !== undefined
}

function ask(options: OpenerOptions, owner: SessionOwner): Promise<{ Credentials?: Credentials | undefined }> {
  const common = { RoleArn: options.roleArn, RoleSessionName: owner.alias, DurationSeconds: durationSeconds }
  if (isByToken(options, owner))
    return options.sts().send(new AssumeRoleWithWebIdentityCommand({ ...common, WebIdentityToken: owner.token }))
  return options.sts().send(new AssumeRoleCommand({ ...common, SourceIdentity: owner.alias, Tags: tagsOf(owner) }))
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
