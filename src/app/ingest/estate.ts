import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { trailSnapshot } from '../../capture/access/trail-snapshot.ts'
import { loggingSnapshot } from '../../capture/content/logging-snapshot.ts'
import type { AwsClients } from '../../platform/aws/clients.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { RecordAct } from '../hub-journal.ts'

/** What taking snapshots needs. */
export interface EstateParts {
  readonly aws: Pick<AwsClients, 'cloudTrail' | 'bedrock' | 'sts'>
  readonly regions: readonly string[]
  /** Where the account itself cannot be asked. */
  readonly fallbackAccount: string
  readonly act: RecordAct
  readonly clock: Clock
  readonly logger: Logger
}

/** Writes down what the account's configuration says now, layer by layer and region by region. A region that cannot be asked is `unknown`. */
export async function takeSnapshots(parts: EstateParts): Promise<void> {
  if (parts.regions.length === 0) return
  const account = await accountOf(parts)
  for (const region of parts.regions) {
    const takenAt = new Date(parts.clock.now()).toISOString()
    const access = await trailSnapshot(parts.aws.cloudTrail(region), region).catch((cause: unknown) =>
      unknown(parts, 'access', region, cause),
    )
    await parts.act('snapshot.taken', {
      layer: 'access',
      ...access,
      account,
      region,
      takenAt,
    })
    const content = await loggingSnapshot(parts.aws.bedrock(region)).catch((cause: unknown) =>
      unknown(parts, 'content', region, cause),
    )
    await parts.act('snapshot.taken', {
      layer: 'content',
      state: content.state,
      reason: content.reason,
      account,
      region,
      takenAt,
    })
  }
}

/** A trail's own ARN may be another account's (an organization trail): who we are is asked of STS. */
export async function accountOf(parts: Pick<EstateParts, 'aws' | 'logger' | 'fallbackAccount'>): Promise<string> {
  const answer = await parts.aws
    .sts()
    .send(new GetCallerIdentityCommand({}))
    .catch((cause: unknown) => {
      parts.logger.warn('hub.account.unknown', { error: cause instanceof Error ? cause.name : 'unknown' })
      return undefined
    })
  const account = answer?.Account ?? ''
  return /^\d{12}$/.test(account) ? account : parts.fallbackAccount
}

function unknown(
  parts: EstateParts,
  layer: string,
  region: string,
  cause: unknown,
): { state: 'unknown'; reason: string } {
  const name = cause instanceof Error ? cause.name : 'unknown'
  parts.logger.warn('hub.snapshot.failed', { layer, region, error: name })
  return {
    state: 'unknown',
    reason: `the account could not be asked: ${name.replace(/[^A-Za-z0-9]/g, '')}`,
  }
}
