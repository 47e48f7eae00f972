import { namePattern } from '../../../platform/name-pattern.ts'
import type { ModelId } from '../../../record/model-id.ts'
import type { Operation } from '../../../record/operation.ts'
import type { Principal } from '../../../record/principal.ts'
import type { Limit, Policy, PolicyRule, Who } from './policy.ts'

/** Of a principal what a rule may ask about. */
export type PolicySubject = Pick<Principal, 'credential' | 'groups' | 'team' | 'subject' | 'email' | 'name'>

/** A call that wants to go out. */
export interface PolicyQuestion {
  readonly subject: PolicySubject
  readonly model: ModelId
  readonly region: string
  readonly operation: Operation
  /** The output tokens it asks for; undefined: it names no bound. Asked only where a rule has one. */
  readonly maxTokens: () => number | undefined
}

/** What the policy says of it, and which rule decided. */
export type Decision =
  | {
      readonly allowed: true
      readonly rule: string
      /** The most output tokens it may ask for; absent: as many as it likes. */
      readonly ceiling?: number
    }
  | {
      readonly allowed: false
      /** `no_rule`: nobody allowed it. `denied`: a rule forbids it. `max_tokens`: allowed up to `ceiling` only. */
      readonly reason: 'no_rule' | 'denied' | 'max_tokens'
      readonly rule: string
      readonly ceiling?: number
    }

/** Labels that the policy gives somebody. */
export type PolicyLabels = Readonly<Partial<Record<'team' | 'project' | 'costCentre', string>>>

/** A limit, and whether it concerns a call. */
export interface CompiledLimit {
  readonly limit: Limit
  concerns(subject: PolicySubject, model: ModelId): boolean
}

/** A policy whose patterns are compiled. */
export interface CompiledPolicy {
  readonly version: string
  decide(question: PolicyQuestion): Decision
  labelsFor(subject: PolicySubject): PolicyLabels
  readonly limits: readonly CompiledLimit[]
}

interface CompiledRule {
  readonly rule: PolicyRule
  readonly concerns: (subject: PolicySubject) => boolean
  readonly covers: (question: PolicyQuestion) => boolean
}

/**
 * A rule that denies stands above all that allow; among those the first that fits decides. A ceiling that is passed keeps its rule
 * from fitting. An opaque model id, whose model cannot be known from its text, fits only by its own text.
 */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const compiled = policy.rules.map(compileRule)
  const denying = compiled.filter(({ rule }) => rule.effect === 'deny')
  const allowing = compiled.filter(({ rule }) => rule.effect === 'allow')
  const fits = (question: PolicyQuestion) => (one: CompiledRule) =>
    one.concerns(question.subject) && one.covers(question)
  return {
    version: policy.version,
    decide(question) {
      const denied = denying.find(fits(question))
      if (denied !== undefined) return { allowed: false, reason: 'denied', rule: denied.rule.name }
      return decideAllowed(allowing.filter(fits(question)), question)
    },
    labelsFor: labelsOf(policy),
    limits: policy.limits.map(compileLimit),
  }
}

const noLabels: PolicyLabels = {}

/** The first entry that fits gives each label. */
function labelsOf({ attribution }: Policy): CompiledPolicy['labelsFor'] {
  if (attribution.length === 0) return () => noLabels
  const entries = attribution.map((entry) => ({ concerns: compileWho(entry), entry }))
  return (subject) => {
    const fitting = entries.filter(({ concerns }) => concerns(subject)).map(({ entry }) => entry)
    const first = (label: 'team' | 'project' | 'costCentre') =>
      fitting.find((entry) => entry[label] !== undefined)?.[label]
    const [team, project, costCentre] = [first('team'), first('project'), first('costCentre')]
    return {
      ...(team === undefined ? {} : { team }),
      ...(project === undefined ? {} : { project }),
      ...(costCentre === undefined ? {} : { costCentre }),
    }
  }
}

/** A limit that names nobody concerns everybody. */
function compileLimit(limit: Limit): CompiledLimit {
  const { groups, teams, people, serviceKeys } = limit
  const names = [groups, teams, people, serviceKeys].some((list) => list !== undefined)
  const who = names ? compileWho(limit) : () => true
  const models = anyOf(limit.models)
  return { limit, concerns: (subject, model) => who(subject) && models(model.model ?? model.asSent) }
}

function decideAllowed(fitting: readonly CompiledRule[], question: PolicyQuestion): Decision {
  const first = fitting[0]
  if (first === undefined) return { allowed: false, reason: 'no_rule', rule: '' }
  // Counting tokens generates none.
  const within = fitting.find(
    ({ rule: { maxTokens } }) =>
      maxTokens === undefined ||
      question.operation === 'CountTokens' ||
      (question.maxTokens() ?? Number.POSITIVE_INFINITY) <= maxTokens,
  )
  if (within !== undefined) {
    const { name: rule, maxTokens } = within.rule
    return maxTokens === undefined ? { allowed: true, rule } : { allowed: true, rule, ceiling: maxTokens }
  }
  const ceiling = Math.max(...fitting.map(({ rule }) => rule.maxTokens ?? 0))
  return { allowed: false, reason: 'max_tokens', rule: first.rule.name, ceiling }
}

function compileRule(rule: PolicyRule): CompiledRule {
  const models = anyOf(rule.models)
  const regions = anyOf(rule.regions)
  return {
    rule,
    concerns: compileWho(rule),
    covers: ({ model, region, operation }) =>
      models(model.model ?? model.asSent) &&
      regions(region) &&
      (rule.operations === undefined || rule.operations.includes(operation)),
  }
}

function compileWho(rule: Who): CompiledRule['concerns'] {
  if (rule.everyone === true) return () => true
  const groups = anyOf(rule.groups ?? [])
  const teams = anyOf(rule.teams ?? [])
  const people = anyOf(rule.people ?? [])
  const keys = anyOf(rule.serviceKeys ?? [])
  return ({ credential, groups: claimed, team, subject, email, name }) => {
    const isKey = credential === 'service_key'
    return (
      claimed.some(groups) || teams(team ?? '') || (isKey ? keys(name ?? '') : people(email ?? '') || people(subject))
    )
  }
}

function anyOf(patterns: readonly string[]): (name: string) => boolean {
  const matchers = patterns.map(namePattern)
  return (name) => matchers.some((matches) => matches(name))
}
