import type { SimulatorReady } from './protocol.ts'

/** Delivery takes seconds in the demo, so the windows are seconds too; every screen says so. */
export const demoWindows = { cloudtrail: '20s', invocations: '20s', final: '120s' } as const

/** `host:port` of the data path and of the console. */
export interface DemoListen {
  readonly gateway: string
  readonly hub: string
}

/** The configuration that a demo runs with: written to a file, so that every process and command reads the same. */
export function demoConfig(
  dataDir: string,
  ready: SimulatorReady,
  listen: DemoListen,
  gatewayId = 'gw01',
): Record<string, unknown> {
  const { aws, accountId, buckets } = ready
  return {
    simulated: true,
    dataDir,
    aws: { region: ready.region, endpoints: { bedrockRuntime: aws, bedrock: aws, s3: aws, sts: aws, cloudTrail: aws } },
    gateway: {
      id: gatewayId,
      listen: listen.gateway,
      identity: { oidc: [{ issuer: ready.idp, audience: 'triptych' }], serviceKeys: true },
      sts: { role: ready.roleArn },
      models: { allow: ['anthropic.*'], names: modelNames },
      regions: { eu: 'eu-west-1' },
      heartbeat: '2s',
    },
    hub: { listen: listen.hub },
    sources: [
      { type: 'cloudtrail', s3: `s3://${buckets.trail}/AWSLogs/`, every: '2s' },
      { type: 'invocations', s3: `s3://${buckets.invocations}/AWSLogs/`, every: '2s' },
    ],
    estate: { regions: ['us-east-1', 'eu-west-1'], every: '5s' },
    content: {
      default: 'none',
      rules: [{ account: accountId, region: 'us-east-1', policy: 'keep', decision: 'DR-1' }],
    },
    corroborate: {
      window: demoWindows,
      every: '1s',
      expected: [
        {
          principal: ready.directRoleArn,
          reason: 'review pipeline, not yet behind the gateway',
          approver: 'ciso@example.com',
          until: '2030-12-31',
        },
      ],
    },
    log: { level: 'warn' },
  }
}

/** Anthropic's names of the models that the simulated account has. */
const modelNames = {
  'claude-sonnet-4-5-20250929': 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'claude-sonnet-4-5': 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'claude-haiku-4-5-20251001': 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
  'claude-haiku-4-5': 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
  'claude-opus-4-6': 'us.anthropic.claude-opus-4-6-v1',
} as const
