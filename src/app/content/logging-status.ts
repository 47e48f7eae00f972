import type { LoggingConfig } from '../../capture/content/logging-config.ts'

/** What the account does in one region, beside what the policy says. */
export interface LoggingStatus {
  readonly account: string
  readonly region: string
  readonly policy: 'none' | 'keep'
  /** The decision under which the policy says so; empty for the default. */
  readonly decision: string
  readonly state: 'on' | 'off' | 'unknown'
  readonly bucket: string
  readonly prefix: string
  readonly logGroup: string
  /** What is wrong with it, in words; empty where account and policy agree. */
  readonly wrong: readonly string[]
}

/** Where account and policy part, in words. `config`: undefined is off. */
export function whatIsWrong(policy: 'none' | 'keep', config: LoggingConfig | undefined): readonly string[] {
  if (policy === 'none')
    return config === undefined ? [] : ['the policy says no content, and Bedrock logs it: every body found is a breach']
  if (config === undefined) return ['the policy keeps content, and Bedrock logs none']
  return [
    ...(config.text ? [] : ['no text is delivered']),
    ...(config.bucket === '' && config.logGroup === '' ? ['it has no destination'] : []),
    ...(config.largeBodies ? [] : ['CloudWatch alone loses bodies over 100 KB: give it a bucket']),
  ]
}
