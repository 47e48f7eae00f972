import { randomBytes } from 'node:crypto'
import {
  deleteLogging,
  type LoggingConfig,
  type LoggingWish,
  putLogging,
  readLogging,
} from '../../capture/content/logging-config.ts'
import type { AwsClients } from '../../platform/aws/clients.ts'
import type { Clock } from '../../platform/clock.ts'
import { seal } from '../../platform/sealed-box.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { Caller } from '../access/caller.ts'
import type { RecordAct } from '../hub-journal.ts'
import type { ContentRule } from '../policies.ts'
import { type LoggingStatus, whatIsWrong } from './logging-status.ts'

/** What switching needs. */
export interface SwitchParts {
  readonly aws: Pick<AwsClients, 'bedrock'>
  readonly regions: readonly string[]
  readonly account: () => Promise<string>
  readonly ruleFor: (account: string, region: string, at: number) => ContentRule
  readonly act: RecordAct
  readonly reasonKey: Uint8Array
  readonly clock: Clock
  /** Writes down at once what the account says now. */
  readonly takeSnapshots: () => Promise<void>
}

/** The decision behind a change: why, by whom, until when. */
export interface Decision {
  /** The name of the rule's decision in the configuration. */
  readonly decision: string
  readonly reason: string
  readonly by: string
  readonly until: string
}

/** Asks every region what it does. A region that cannot be asked is `unknown`. */
export async function loggingStatus(parts: SwitchParts): Promise<readonly LoggingStatus[]> {
  const account = await parts.account()
  return Promise.all(
    parts.regions.map(async (region) => {
      const { policy, decision } = parts.ruleFor(account, region, parts.clock.now())
      const base = { account, region, policy, decision }
      try {
        const config = await readLogging(parts.aws.bedrock(region))
        const { bucket = '', prefix = '', logGroup = '' } = config ?? {}
        const state = config === undefined ? 'off' : 'on'
        return { ...base, state, bucket, prefix, logGroup, wrong: whatIsWrong(policy, config) } as const
      } catch (cause) {
        const wrong = [`the region could not be asked: ${nameOf(cause)}`]
        return { ...base, state: 'unknown', bucket: '', prefix: '', logGroup: '', wrong } as const
      }
    }),
  )
}

/** Switches logging on where the policy keeps content. The decision is a record before anything is changed. Throws CONTENT_POLICY_CONFLICT. */
export async function enableLogging(
  parts: SwitchParts,
  caller: Caller,
  region: string,
  wish: LoggingWish,
  decision: Decision,
): Promise<void> {
  await allow(parts, region, 'keep', decision)
  const destination = wish.cloudWatch === undefined ? 's3' : 's3_cloudwatch'
  await record(parts, caller, { change: 'enabled', region, destination }, decision)
  await putLogging(parts.aws.bedrock(region), wish).catch(failed(region))
  await parts.takeSnapshots()
}

/** Switches logging off where the policy keeps none. Throws CONTENT_POLICY_CONFLICT. */
export async function disableLogging(
  parts: SwitchParts,
  caller: Caller,
  region: string,
  decision: Decision,
): Promise<LoggingConfig | undefined> {
  await allow(parts, region, 'none', decision)
  await record(parts, caller, { change: 'disabled', region, destination: 'none' }, decision)
  const before = await readLogging(parts.aws.bedrock(region)).catch(failed(region))
  await deleteLogging(parts.aws.bedrock(region)).catch(failed(region))
  await parts.takeSnapshots()
  return before
}

async function allow(parts: SwitchParts, region: string, wanted: 'keep' | 'none', given: Decision): Promise<void> {
  if (!parts.regions.includes(region))
    throw new TriptychError('QUERY_INVALID', { field: 'region', reason: 'not one of estate.regions' })
  const rule = parts.ruleFor(await parts.account(), region, parts.clock.now())
  if (rule.policy !== wanted) throw new TriptychError('CONTENT_POLICY_CONFLICT', { region, policy: rule.policy })
  if (rule.decision !== '' && rule.decision !== given.decision)
    throw new TriptychError('CONTENT_POLICY_CONFLICT', { region, policy: rule.policy, decision: rule.decision })
}

async function record(
  parts: SwitchParts,
  { who }: Caller,
  change: {
    readonly change: 'enabled' | 'disabled'
    readonly region: string
    readonly destination: 's3' | 's3_cloudwatch' | 'none'
  },
  { decision, reason, by, until }: Decision,
): Promise<void> {
  const words = seal(parts.reasonKey, Buffer.from(JSON.stringify({ reason, by })), `logging ${who}`, randomBytes)
  await parts.act('content.logging', {
    who,
    ...change,
    account: await parts.account(),
    decision,
    until,
    words: words.toString('base64'),
  })
}

function failed(region: string): (cause: unknown) => never {
  return (cause) => {
    throw new TriptychError('CONTENT_LOGGING_FAILED', { region, reason: nameOf(cause) }, cause)
  }
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name.replace(/[^A-Za-z0-9]/g, '') : 'unknown'
}
