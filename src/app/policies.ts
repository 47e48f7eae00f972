import { namelessArn } from '../capture/access/principal-of.ts'
import type { JudgeContext } from '../evidence/corroborate/judge.ts'
import { namePattern } from '../platform/name-pattern.ts'
import type { Config } from './config-schema.ts'

/** Whether bodies may be kept, by account and region: the newest rule that has not ended, else the default. */
export function contentPolicyOf(config: Config): JudgeContext['contentPolicy'] {
  const rules = config.content.rules.toReversed()
  return (account, region, at) => {
    const rule = rules.find(
      (one) =>
        one.account === account && one.region === region && (one.until === undefined || at < endOfDay(one.until)),
    )
    return rule?.policy ?? config.content.default
  }
}

/** The approval under which a principal may call without the gateway. A principal is a role's or a user's ARN; `*` stands for anything. */
export function approvalOf(config: Config, pseudonymKey: Uint8Array): JudgeContext['approvalOf'] {
  const approvals = config.corroborate.expected.map((one) => ({
    ...one,
    // Tables hold no names: what was configured by name is looked for under its pseudonym.
    isPrincipal: namePattern(
      one.principal.includes('*') ? one.principal : namelessArn(one.principal, pseudonymKey).arn,
    ),
    isModel: one.models.map(namePattern),
  }))
  return (principalArn, roleArn, model, at) =>
    approvals.find(
      (one) =>
        at < endOfDay(one.until) &&
        (one.isPrincipal(principalArn) || one.isPrincipal(roleArn)) &&
        one.isModel.some((matches) => matches(model)),
    )
}

function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + 86_400_000
}
