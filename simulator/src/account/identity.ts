import { accessKeys, accountId, leakedApiKey } from './estate.ts'
import type { Secret } from './sigv4.ts'
import type { Session, State } from './state.ts'

/** Who signed, as CloudTrail's `userIdentity` and the invocation log's `identity.arn` say it. */
export interface Caller {
  readonly arn: string
  readonly userIdentity: Readonly<Record<string, unknown>>
  readonly accessKeyId: string
  readonly bearer: boolean
}

/** The secret of an access key: an IAM user's or an issued session's. */
export function secretOf(state: State, accessKeyId: string): Secret | undefined {
  const user = Object.values(accessKeys).find((key) => key.accessKeyId === accessKeyId)
  return user ?? state.sessions.find((session) => session.accessKeyId === accessKeyId)
}

/** The session behind an access key, if it is one. */
export function sessionOf(state: State, accessKeyId: string): Session | undefined {
  return state.sessions.find((session) => session.accessKeyId === accessKeyId)
}

/** Who an access key belongs to. */
export function callerOf(state: State, accessKeyId: string): Caller {
  const session = sessionOf(state, accessKeyId)
  if (session !== undefined) return sessionCaller(session)
  const user = Object.values(accessKeys).find((key) => key.accessKeyId === accessKeyId)
  return userCaller(user?.userName ?? 'unknown', accessKeyId, false)
}

/** The IAM user behind the leaked Bedrock API key; undefined for any other token. */
export function bearerCaller(token: string): Caller | undefined {
  return token === leakedApiKey.token ? userCaller(leakedApiKey.userName, '', true) : undefined
}

function userCaller(userName: string, accessKeyId: string, bearer: boolean): Caller {
  const arn = `arn:aws:iam::${accountId}:user/${userName}`
  const principalId = `AIDASIM${userName
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .padEnd(14, '0')
    .slice(0, 14)}`
  return {
    arn,
    accessKeyId,
    bearer,
    userIdentity: { type: 'IAMUser', principalId, arn, accountId, accessKeyId, userName },
  }
}

function sessionCaller(session: Session): Caller {
  const roleName = session.roleArn.split('/').at(-1) ?? ''
  const arn = `arn:aws:sts::${accountId}:assumed-role/${roleName}/${session.sessionName}`
  return {
    arn,
    accessKeyId: session.accessKeyId,
    bearer: false,
    userIdentity: {
      type: 'AssumedRole',
      principalId: `${session.roleId}:${session.sessionName}`,
      arn,
      accountId,
      accessKeyId: session.accessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: session.roleId,
          arn: session.roleArn,
          accountId,
          userName: roleName,
        },
        attributes: { creationDate: seconds(session.createdAt), mfaAuthenticated: 'false' },
        ...(session.sourceIdentity === '' ? {} : { sourceIdentity: session.sourceIdentity }),
      },
    },
  }
}

/** `2024-10-17T20:07:50Z`: AWS's logs give whole seconds. */
export function seconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
