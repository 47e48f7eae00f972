// Who exists in the simulated account. Every key is made up and works nowhere else.

/** The one account of the simulation (an account id AWS reserves for documentation). */
export const accountId = '111122223333'
/** The region of everyday traffic. */
export const homeRegion = 'us-east-1'
/** The second region, where invocation logging starts switched off. */
export const otherRegion = 'eu-west-1'
/** The buckets that exist from the first start. */
export const buckets = { trail: 'triptych-sim-trail', invocations: 'triptych-sim-invocations' } as const
/** The gateway's way into Bedrock: a private address behind an interface endpoint of the account's VPC. */
export const gatewayNetwork = { sourceIp: '10.20.0.15', vpcEndpointId: 'vpce-0f51mu1a7ed0c0de1' } as const

/** A pair as an SDK wants it. */
export interface KeyPair {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** An IAM user with its keys and what it may do (`service:Action`, trailing `*` allowed). */
export interface IamUser {
  readonly name: string
  readonly userId: string
  readonly arn: string
  readonly keys: KeyPair
  readonly bearer?: string
  readonly allows: readonly string[]
  /** ARNs of the roles it may assume. */
  readonly assumes: readonly string[]
}

/** An IAM role and what its sessions may do. */
export interface IamRole {
  readonly name: string
  readonly roleId: string
  readonly arn: string
  readonly allows: readonly string[]
}

const invoke = ['bedrock:Invoke*', 'bedrock:Converse*', 'bedrock:CountTokens', 'bedrock:*InferenceProfile*'] as const
const readEvidence = ['s3:*', 'cloudtrail:Describe*', 'cloudtrail:Get*', 'cloudtrail:List*'] as const

function role(name: string, roleId: string, allows: readonly string[]): IamRole {
  return { name, roleId, arn: `arn:aws:iam::${accountId}:role/${name}`, allows }
}

function user(name: string, tail: string, allows: readonly string[], more: Partial<IamUser> = {}): IamUser {
  return {
    name,
    userId: `AIDAIOSFODNN7SIM${tail}`,
    arn: `arn:aws:iam::${accountId}:user/${name}`,
    keys: {
      accessKeyId: `AKIAIOSFODNN7SIM${tail}`,
      secretAccessKey: `simulated/secret/of/${name}/EXAMPLEKEY`.padEnd(40, '0'),
    },
    allows,
    assumes: [],
    ...more,
  }
}

/** The roles of the account. */
export const roles = {
  /** What the gateway's sessions run as. */
  triptychInvoke: role('TriptychInvoke', 'AROAIOSFODNN7SIMTRIP1', invoke),
  /** An approved direct user of Bedrock. */
  codeReviewPipeline: role('CodeReviewPipeline', 'AROAIOSFODNN7SIMCODE1', invoke),
} as const

/** The IAM users of the account. */
export const users = {
  /** The product's own user: opens the gateway's sessions, reads the evidence, decides about content logging. */
  gateway: user('triptych-gateway', 'GATE', [...readEvidence, 'bedrock:*ModelInvocationLogging*', 'bedrock:*InferenceProfile*'], {
    assumes: [roles.triptychInvoke.arn],
  }),
  /** Holds the key of the approved pipeline. */
  pipeline: user('code-review-runner', 'PIPE', [], { assumes: [roles.codeReviewPipeline.arn] }),
  /** A developer with a key of her own: the way round the gateway. */
  devLaptop: user('dev-laptop-3', 'DEV3', [...invoke]),
  /** The user that the console made for a long-term Bedrock API key. */
  apiKey: user('BedrockAPIKey-7k2p', '7K2P', [...invoke], {
    bearer: `ABSK${Buffer.from(`BedrockAPIKey-7k2p-at-${accountId}:simulated-not-a-key`).toString('base64')}`,
  }),
  /** Runs the account. */
  admin: user('platform-admin', 'ADMN', ['*']),
} as const

/** Every user, for look-ups. */
export const allUsers: readonly IamUser[] = Object.values(users)
/** Every role, for look-ups. */
export const allRoles: readonly IamRole[] = Object.values(roles)

/** Whether a list of allowed actions covers an action. Deny by default. */
export function isAllowed(allows: readonly string[], action: string): boolean {
  return allows.some((pattern) => {
    const body = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    return new RegExp(`^${body.join('.*')}$`).test(action)
  })
}
