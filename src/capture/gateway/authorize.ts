import { namePattern } from '../../platform/name-pattern.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { ModelId } from '../../record/model-id.ts'
import type { Operation } from '../../record/operation.ts'
import type { Principal } from '../../record/principal.ts'
import type { Decision, PolicyQuestion } from './policy/decide.ts'
import type { PolicyInForce } from './policy/policy-file.ts'
import { requestedTokens } from './policy/requested-tokens.ts'

/** A call that wants to go out. */
export interface Wanted {
  readonly principal: Principal
  readonly model: ModelId
  readonly region: string
  readonly operation: Operation
  readonly body: Buffer
}

/** What allowed a call, for its record. */
export interface Authorized {
  readonly policy: string
  readonly rule: string
}

/** Says whether a call may go out. */
export interface Authorize {
  /** Throws GATEWAY_MODEL_REFUSED or GATEWAY_CEILING_REFUSED, with rule and policy. */
  check(wanted: Wanted): Authorized
  /** The same question without a body: what may be shown to somebody. */
  allows(wanted: Omit<Wanted, 'body'>): boolean
}

/** Authorisation by the policy in force and, for a service key, by what the key was made for: both must allow. */
export function createAuthorize(policy: PolicyInForce): Authorize {
  return {
    check(wanted) {
      const { version, decide } = policy.current()
      const decision = decide(questionOf(wanted, () => requestedTokens(wanted.operation, wanted.body)))
      if (!decision.allowed) throw refusalOf(decision, version)
      if (!withinScope(wanted))
        throw new TriptychError('GATEWAY_MODEL_REFUSED', { reason: 'key_scope', rule: decision.rule, policy: version })
      return { policy: version, rule: decision.rule }
    },
    allows: (wanted) => policy.current().decide(questionOf(wanted, () => 1)).allowed && withinScope(wanted),
  }
}

function questionOf(
  { principal, model, region, operation }: Omit<Wanted, 'body'>,
  maxTokens: PolicyQuestion['maxTokens'],
): PolicyQuestion {
  return { subject: principal, model, region, operation, maxTokens }
}

function refusalOf(decision: Decision & { allowed: false }, policy: string): TriptychError {
  const { reason, rule, ceiling } = decision
  if (ceiling !== undefined) return new TriptychError('GATEWAY_CEILING_REFUSED', { ceiling, rule, policy })
  return new TriptychError('GATEWAY_MODEL_REFUSED', { reason, rule, policy })
}

function withinScope({ principal, model, operation }: Omit<Wanted, 'body'>): boolean {
  const { scope } = principal
  if (scope === undefined) return true
  const name = model.model ?? model.asSent
  const models = scope.models.length === 0 || scope.models.some((pattern) => namePattern(pattern)(name))
  return models && (scope.operations.length === 0 || scope.operations.includes(operation))
}
