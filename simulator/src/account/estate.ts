/** The simulated account. */
export const accountId = '111122223333'
/** Its regions: content is logged in the first, not in the second. */
export const regions = ['us-east-1', 'eu-west-1'] as const
/** Where the logs go. */
export const buckets = { trail: 'triptych-sim-trail', invocations: 'triptych-sim-invocations' } as const
/** The role whose sessions the gateway opens. */
export const gatewayRoleArn = `arn:aws:iam::${accountId}:role/TriptychInvoke`
/** A role that may call directly. */
export const directRoleArn = `arn:aws:iam::${accountId}:role/CodeReviewPipeline`

/** Long-lived credentials; all of them exist here alone. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly userName: string
}

/** The access keys of the account's IAM users. */
export const accessKeys = {
  gateway: key('AKIASIMGATEWAY000001', 'triptych-gateway'),
  pipeline: key('AKIASIMPIPELINE00001', 'review-pipeline'),
  laptop: key('AKIASIMLAPTOP0000001', 'dev-laptop-3'),
  operator: key('AKIASIMOPERATOR00001', 'ops-1'),
} as const

/** A long-term Bedrock API key (prefix ABSK), made by the console with an IAM user of its own. */
export const leakedApiKey = {
  token: 'ABSKc2ltdWxhdGVkLWtleS10aGF0LWV4aXN0cy1oZXJlLWFsb25l',
  userName: 'BedrockAPIKey-7k2p',
} as const

function key(accessKeyId: string, userName: string): AccessKey {
  return { accessKeyId, secretAccessKey: `simulated-secret-of-${userName}-not-a-real-one`, userName }
}
