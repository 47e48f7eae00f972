import { createHash } from 'node:crypto'
import { z } from 'zod'
import { parseYaml } from '../../../platform/parse-yaml.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { operations } from '../../../record/operation.ts'
import { labelPattern } from '../../../record/principal.ts'

const names = z.array(z.string().min(1).max(512)).min(1)
/** Geographies are no part of a base model's name: a pattern that begins with one would fit nothing, and a rule that denies nothing fails open. */
export const modelPattern = z
  .string()
  .min(1)
  .max(512)
  .refine((pattern) => !/^(us|eu|apac|jp|au|ca|us-gov|global)\./.test(pattern), {
    message: 'held against base model ids: leave the geography (us., eu., global. …) out',
  })
const modelPatterns = z.array(modelPattern).min(1)

const ruleName = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'letters, digits and _ . : -, at most 64')

const whoShape = {
  /** Groups of the token's claim; `*` stands for anything in each of these lists. */
  groups: names.optional(),
  teams: names.optional(),
  /** Addresses or subjects, as the token says them. */
  people: names.optional(),
  /** Names of service keys. */
  serviceKeys: names.optional(),
  /** Everybody with a valid credential. */
  everyone: z.literal(true).optional(),
}

const whoFields = ['groups', 'teams', 'people', 'serviceKeys', 'everyone'] as const
const saysNobody = 'says nobody: name groups, teams, people or serviceKeys, or set everyone: true'

/** What can be limited, by the names that the policy gives it. */
export const quantities = [
  'requestsPerMinute',
  'inputTokensPerMinute',
  'outputTokensPerMinute',
  'inputTokensPerDay',
  'outputTokensPerDay',
  'usdPerMonth',
  'concurrent',
] as const

const ruleSchema = z
  .strictObject({
    name: ruleName,
    effect: z.enum(['allow', 'deny']).default('allow'),
    ...whoShape,
    /** Patterns on base model ids (`anthropic.claude-sonnet-*`), or on the whole text of an opaque id. */
    models: modelPatterns,
    regions: names.default(['*']),
    operations: z.array(z.enum(operations)).min(1).optional(),
    /** The most output tokens that a request may ask for. */
    maxTokens: z.number().int().min(1).optional(),
  })
  .refine((rule) => whoFields.some((field) => rule[field] !== undefined), { message: saysNobody })
  .refine((rule) => rule.effect === 'allow' || rule.maxTokens === undefined, {
    message: 'a rule that denies has no maxTokens',
    path: ['maxTokens'],
  })

const saysSomebody = (rule: Partial<Record<(typeof whoFields)[number], unknown>>) =>
  whoFields.some((field) => rule[field] !== undefined)

const labelSchema = z.string().regex(labelPattern)

const labelsSchema = z
  .strictObject({
    ...whoShape,
    team: labelSchema.optional(),
    project: labelSchema.optional(),
    costCentre: labelSchema.optional(),
  })
  .refine(saysSomebody, { message: saysNobody })

const amount = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

const limitSchema = z
  .strictObject({
    name: ruleName,
    /** Of what there is one count each: every person, team, project or model; `all`: one for everything together. */
    by: z.enum(['person', 'team', 'project', 'model', 'all']),
    ...whoShape,
    models: modelPatterns.default(['*']),
    requestsPerMinute: amount.optional(),
    /** Tokens read anew: input and cache writes, not cache reads. */
    inputTokensPerMinute: amount.optional(),
    outputTokensPerMinute: amount.optional(),
    /** Days and months are UTC's. */
    inputTokensPerDay: amount.optional(),
    outputTokensPerDay: amount.optional(),
    usdPerMonth: z.number().positive().max(1_000_000_000).optional(),
    /** Calls at the same time. */
    concurrent: amount.optional(),
  })
  .refine((limit) => quantities.some((quantity) => limit[quantity] !== undefined), {
    message: 'limits nothing: give one of the quantities',
  })

const caseSchema = z.strictObject({
  name: z.string().min(1),
  who: z
    .strictObject({
      groups: z.array(z.string()).default([]),
      team: z.string().optional(),
      person: z.string().optional(),
      serviceKey: z.string().optional(),
    })
    .prefault({}),
  model: z.string().min(1),
  region: z.string().default('us-east-1'),
  operation: z.enum(operations).default('InvokeModel'),
  maxTokens: z.number().int().positive().optional(),
  expect: z.enum(['allow', 'deny']),
  rule: ruleName.optional(),
})

const policySchema = z.strictObject({
  version: z.string().regex(/^[A-Za-z0-9_.:+-]{1,40}$/, 'letters, digits and _ . : + -, at most 40, in quotes'),
  rules: z.array(ruleSchema).min(1).max(1000),
  /** Labels for those whose token, or key, has none; the first entry that fits gives each. */
  attribution: z.array(labelsSchema).max(1000).default([]),
  limits: z.array(limitSchema).max(1000).default([]),
  /** What `triptych policy test` holds the rules against. */
  tests: z.array(caseSchema).default([]),
})

/** A rule: who may (or may not) use which models, where, how. */
export type PolicyRule = z.infer<typeof ruleSchema>
/** Who is meant, by any of several signs. */
export type Who = Partial<Pick<PolicyRule, (typeof whoFields)[number]>>
/** Labels for somebody. */
export type PolicyAttribution = z.infer<typeof labelsSchema>
/** How much of what each may use. */
export type Limit = z.infer<typeof limitSchema>
/** What the author expects of the rules. */
export type PolicyCase = z.infer<typeof caseSchema>

/** A policy as written. Deny by default: a call that no rule allows is refused, and a rule that denies stands above all that allow. */
export interface Policy {
  /** `<version>@<first 12 digits of the file's SHA-256>`: an edit shows even where the author forgot to count. */
  readonly version: string
  readonly rules: readonly PolicyRule[]
  readonly attribution: readonly PolicyAttribution[]
  readonly limits: readonly Limit[]
  readonly tests: readonly PolicyCase[]
}

/** Reads a policy. Throws POLICY_INVALID, with the line or the field, and what it says. */
export function parsePolicy(text: string): Policy {
  const yaml = parseYaml(text)
  if (!yaml.ok) throw new TriptychError('POLICY_INVALID', { line: yaml.line, reason: yaml.reason })
  const parsed = policySchema.safeParse(yaml.value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const field = issue?.path.join('.') || '(whole file)'
    throw new TriptychError('POLICY_INVALID', { field, reason: issue?.message ?? 'invalid' })
  }
  const { version, ...policy } = parsed.data
  for (const field of ['rules', 'limits'] as const)
    if (new Set(policy[field].map(({ name }) => name)).size < policy[field].length)
      throw new TriptychError('POLICY_INVALID', { field, reason: 'two of them have one name' })
  return { ...policy, version: `${version}@${createHash('sha256').update(text).digest('hex').slice(0, 12)}` }
}

/** The policy of a deployment without a file: `gateway.models.allow`, for everybody. */
export function openPolicy(allowed: readonly string[]): Policy {
  const rule = ruleSchema.parse({ name: 'gateway.models.allow', everyone: true, models: [...allowed] })
  return { version: 'configuration', rules: [rule], attribution: [], limits: [], tests: [] }
}
