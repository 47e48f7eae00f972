import { trailArn } from '../account/cloudtrail-service.ts'
import { accessKeys, buckets, directRoleArn } from '../account/estate.ts'
import type { Account } from '../account/start-account.ts'
import { issue, withSession } from './open-sessions.ts'
import { personNamed } from './people.ts'
import { models, type Traffic } from './traffic.ts'

/** What a scene plays on. */
export interface Stage {
  readonly account: Account
  readonly traffic: Traffic
}

/** One odd thing that happens in the company. */
export type Scene = (stage: Stage) => Promise<unknown>

const european = 'eu-west-1'

/** Every odd thing, by name; the history gives each its hour, live traffic takes them in turn. */
export const scenes = {
  /** A Bedrock API key that was leaked is used from outside. */
  leakedKey: async ({ traffic }) => {
    for (let i = 0; i < 3; i++) await traffic.leaked()
  },
  /** A developer's own IAM key goes round the gateway. */
  ownKey: ({ traffic }) => traffic.direct(accessKeys.laptop),
  /** A session that the gateway opened is used from elsewhere, as it is. */
  stolenSession: ({ account, traffic }) =>
    withSession(account, (session) => traffic.direct(session, { userAgent: 'curl/8.9.1' })),
  /** The same, with the user agent of an earlier call: one call id in two calls. */
  replayedCallId: ({ account, traffic }) => {
    const earlier = account.parts.received
      .all()
      .findLast((call) => call.userAgent.startsWith('triptych/') && call.region === 'us-east-1')
    return withSession(account, (session) =>
      earlier === undefined ? undefined : traffic.direct(session, { userAgent: earlier.userAgent }),
    )
  },
  /** The review pipeline's role may call directly. */
  approvedDirect: async ({ account, traffic }) => {
    const session =
      account.parts.state.state.sessions.findLast(
        (one) => one.roleArn === directRoleArn && one.expiresAt > account.parts.clock.now(),
      ) ?? issue(account)
    await traffic.direct(session, { model: models.haiku, from: '10.0.30.4' })
  },
  expiredToken: ({ traffic }) => traffic.person(personNamed('heidi'), { tokenSeconds: -600 }),
  noCredential: ({ traffic }) => traffic.person(personNamed('ivan'), { credential: '' }),
  /** CloudTrail never delivers the event of a call. */
  unlogged: ({ account, traffic }) => {
    account.parts.faults.push({ kind: 'no-cloudtrail', operation: 'InvokeModel' })
    return traffic.person(personNamed('dave'), { verb: 'invoke' })
  },
  /** The invocation log's delivery fails silently. */
  contentMissing: ({ account, traffic }) => {
    account.parts.faults.push({ kind: 'no-content', operation: 'InvokeModel' })
    return traffic.person(personNamed('erin'), { verb: 'invoke' })
  },
  /** Somebody switches invocation logging on where the policy says none. */
  contentSwitchedOn: async ({ traffic }) => {
    const loggingConfig = {
      s3Config: { bucketName: buckets.invocations, keyPrefix: '' },
      textDataDeliveryEnabled: true,
    }
    await traffic.operator(accessKeys.operator, 'bedrock', european, {
      method: 'PUT',
      path: '/logging/modelinvocations',
      body: { loggingConfig },
    })
    await traffic.person(personNamed('carol'), { model: models.european, verb: 'invoke' })
    await traffic.operator(accessKeys.operator, 'bedrock', european, {
      method: 'DELETE',
      path: '/logging/modelinvocations',
    })
  },
  throttled: ({ account, traffic }) => {
    account.parts.faults.push({ kind: 'throttle', operation: 'InvokeModelWithResponseStream' })
    return traffic.person(personNamed('bob'))
  },
  brokenStream: ({ account, traffic }) => {
    account.parts.faults.push({ kind: 'die-mid-stream', operation: 'InvokeModelWithResponseStream' })
    return traffic.person(personNamed('frank'))
  },
  hungUp: ({ traffic }) => traffic.person(personNamed('grace'), { hangUpAfterBytes: 700 }),
  /** A model that nobody here should need. */
  unexpectedModel: ({ traffic }) => traffic.person(personNamed('niaj'), { model: models.opus }),
  europe: ({ traffic }) => traffic.person(personNamed('carol'), { model: models.european }),
  /** The trail of one region is stopped, and started again. */
  trailStops: ({ traffic }) =>
    traffic.operator(accessKeys.operator, 'cloudtrail', european, {
      method: 'POST',
      path: '/',
      target: 'StopLogging',
      body: { Name: trailArn(european) },
    }),
  trailStarts: ({ traffic }) =>
    traffic.operator(accessKeys.operator, 'cloudtrail', european, {
      method: 'POST',
      path: '/',
      target: 'StartLogging',
      body: { Name: trailArn(european) },
    }),
} as const satisfies Record<string, Scene>

/** The name of a scene. */
export type SceneName = keyof typeof scenes

/** The scenes that live traffic plays, in turn. */
export const liveScenes: readonly SceneName[] = [
  'leakedKey',
  'expiredToken',
  'unlogged',
  'stolenSession',
  'contentMissing',
  'approvedDirect',
  'replayedCallId',
  'contentSwitchedOn',
  'throttled',
  'ownKey',
  'brokenStream',
  'hungUp',
  'europe',
  'noCredential',
  'unexpectedModel',
]
