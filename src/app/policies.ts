import { namelessArn } from '../capture/access/principal-of.ts'
import type { JudgeContext } from '../evidence/corroborate/judge.ts'
import { namePattern } from '../platform/name-pattern.ts'
import type { Config } from './config-schema.ts'

/** What is in force for content somewhere; `decision` is empty for the default. */
export interface ContentRule {
  readonly policy: 'none' | 'keep'
  readonly decision: string
}

/** The rule for content, by account and region: the newest that has not ended, else the default. */
export function contentRuleOf(config: Config): (account: string, region: string, at: number) => ContentRule {
  const rules = config.content.rules.toReversed()
  return (account, region, at) => {
    const rule = rules.find(
      (one) =>
        one.account === account && one.region === region && (one.until === undefined || at < endOfDay(one.until)),
    )
    return { policy: rule?.policy ?? config.content.default, decision: rule?.decision ?? '' }
  }
}

/** Whether bodies may be kept, by account and region. */
export function contentPolicyOf(config: Config): JudgeContext['contentPolicy'] {
  const ruleFor = contentRuleOf(config)
  return (account, region, at) => ruleFor(account, region, at).policy
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
