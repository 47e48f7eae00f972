import {
  type CompiledPolicy,
  compilePolicy,
  type Decision,
  type PolicyQuestion,
} from '../../../capture/gateway/policy/decide.ts'
import type { PolicyCase } from '../../../capture/gateway/policy/policy.ts'
import { readPolicy } from '../../../capture/gateway/policy/policy-file.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { parseModelId } from '../../../record/model-id.ts'
import { isOperation } from '../../../record/operation.ts'
import { number, paint, type Screen } from '../print.ts'

/** One question, as it was typed. */
export interface PolicyTestOptions {
  readonly group?: readonly string[]
  readonly team?: string
  readonly person?: string
  readonly serviceKey?: string
  readonly model?: string
  readonly region?: string
  readonly operation?: string
  readonly maxTokens?: string
  readonly json?: boolean
}

/** `triptych policy test`: the file's own tests, or one question. Exit 1 when a test fails, or the answer to the question is no. */
export async function policyTestCommand(path: string, options: PolicyTestOptions, screen: Screen): Promise<number> {
  const { policy } = await readPolicy(path)
  const compiled = compilePolicy(policy)
  if (options.model !== undefined)
    return answerOne(compiled, caseOf({ ...options, model: options.model }), options, screen)
  const stray = (['group', 'team', 'person', 'serviceKey', 'region', 'operation', 'maxTokens'] as const).find(
    (name) => options[name] !== undefined,
  )
  if (stray !== undefined)
    throw new TriptychError('QUERY_INVALID', { field: '--model', reason: 'needed for one question' })
  const results = policy.tests.map((test) => ({ test, decision: compiled.decide(questionOf(test)) }))
  const failed = results.filter(({ test, decision }) => !isAsExpected(test, decision))
  if (options.json === true) {
    screen.write(
      `${JSON.stringify({ policy: policy.version, tests: results.map(({ test, decision }) => ({ name: test.name, expect: test.expect, ...decision, ok: isAsExpected(test, decision) })) })}\n`,
    )
  } else {
    for (const { test, decision } of results) {
      const mark = isAsExpected(test, decision) ? paint(screen, 'green', '✓') : paint(screen, 'red', '✗')
      screen.write(
        `${mark} ${test.name}: expected ${test.expect}${test.rule === undefined ? '' : ` by ${test.rule}`}; ${inWords(decision)}\n`,
      )
    }
    screen.write(summary(policy.version, policy.rules.length, policy.limits.length, results.length, failed.length))
  }
  return failed.length === 0 ? 0 : 1
}

function summary(version: string, rules: number, limits: number, tests: number, failed: number): string {
  const counts = `policy ${version}: ${number(rules)} rules, ${number(limits)} limits, ${number(tests)} tests, ${number(failed)} failed`
  const none = 'the file has no tests: add some under `tests`, or ask one question with --model and --group'
  return `${counts}\n${tests === 0 ? `${none}\n` : ''}`
}

function answerOne(policy: CompiledPolicy, test: PolicyCase, options: PolicyTestOptions, screen: Screen): number {
  const question = questionOf(test)
  const decision = policy.decide(question)
  const limits = policy.limits
    .filter((one) => one.concerns(question.subject, question.model))
    .map(({ limit }) => limit.name)
  if (options.json === true) screen.write(`${JSON.stringify({ policy: policy.version, ...decision, limits })}\n`)
  else {
    const mark = decision.allowed ? paint(screen, 'green', '✓') : paint(screen, 'red', '✗')
    screen.write(
      `${mark} ${inWords(decision)}\npolicy        ${policy.version}\nlimits        ${limits.join(', ') || 'none'}\n`,
    )
  }
  return decision.allowed ? 0 : 1
}

function caseOf(options: PolicyTestOptions & { readonly model: string }): PolicyCase {
  const operation = options.operation ?? 'InvokeModel'
  if (!isOperation(operation))
    throw new TriptychError('QUERY_INVALID', { field: '--operation', reason: 'as CloudTrail names it' })
  const maxTokens = options.maxTokens === undefined ? undefined : Number(options.maxTokens)
  if (maxTokens !== undefined && !(Number.isSafeInteger(maxTokens) && maxTokens > 0))
    throw new TriptychError('QUERY_INVALID', { field: '--max-tokens', reason: 'a whole number above 0' })
  const { team, person, serviceKey } = options
  return {
    name: 'question',
    who: { groups: [...(options.group ?? [])], team, person, serviceKey },
    model: options.model,
    region: options.region ?? 'us-east-1',
    operation,
    maxTokens,
    expect: 'allow',
  }
}

/** The caller of a test: a service key where one is named, else a person. */
function questionOf({ who, model, region, operation, maxTokens }: PolicyCase): PolicyQuestion {
  const parsed = parseModelId(model)
  if (parsed === undefined) throw new TriptychError('GATEWAY_MODEL_UNKNOWN', { field: 'model' })
  const isKey = who.serviceKey !== undefined
  return {
    subject: {
      credential: isKey ? 'service_key' : 'oidc',
      groups: who.groups,
      team: who.team,
      subject: who.person ?? '',
      email: who.person,
      name: isKey ? who.serviceKey : undefined,
    },
    model: parsed,
    region,
    operation,
    // Where none is named, who and which model is the question, not how much.
    maxTokens: () => maxTokens ?? 1,
  }
}

function isAsExpected(test: PolicyCase, decision: Decision): boolean {
  return decision.allowed === (test.expect === 'allow') && (test.rule === undefined || test.rule === decision.rule)
}

function inWords(decision: Decision): string {
  if (decision.allowed)
    return `allowed by ${decision.rule}${decision.ceiling === undefined ? '' : `, up to ${number(decision.ceiling)} output tokens`}`
  if (decision.reason === 'no_rule') return 'refused: no rule allows it'
  if (decision.reason === 'denied') return `refused: ${decision.rule} denies it`
  return `refused: ${decision.rule} allows at most ${number(decision.ceiling ?? 0)} output tokens`
}
