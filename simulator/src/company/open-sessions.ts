import { directRoleArn, gatewayRoleArn } from '../account/estate.ts'
import type { Account } from '../account/start-account.ts'
import type { Session } from '../account/state.ts'

/** Uses the newest session that the gateway has open; does nothing when it has none. */
export async function withSession(
  account: Account,
  use: (session: Session) => Promise<unknown> | undefined,
): Promise<unknown> {
  const session = account.parts.state.state.sessions.findLast(
    (one) => one.roleArn === gatewayRoleArn && one.expiresAt > account.parts.clock.now(),
  )
  return session === undefined ? undefined : use(session)
}

/** The pipeline's own session, opened where no log of ours looks (its runner lives in another account's STS). */
export function issue(account: Account): Session {
  const { random, clock, state } = account.parts
  const now = clock.now()
  const session: Session = {
    accessKeyId: `ASIA${random.code(16)}`,
    secretAccessKey: random.hex(40),
    sessionToken: random.hex(120),
    roleArn: directRoleArn,
    roleId: 'AROASIMREVIEW00000001',
    sessionName: 'nightly-review',
    sourceIdentity: '',
    createdAt: now,
    expiresAt: now + 3_600_000,
  }
  state.state.sessions.push(session)
  state.save()
  return session
}
