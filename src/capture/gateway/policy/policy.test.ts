import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTriptychError } from '../../../platform/triptych-error.ts'
import { parseModelId } from '../../../record/model-id.ts'
import { compilePolicy, type PolicyQuestion } from './decide.ts'
import { parsePolicy } from './policy.ts'

const text = `
version: "7"
rules:
  - { name: no-opus-for-interns, effect: deny, groups: [interns], models: ["anthropic.claude-opus-*"] }
  - { name: sonnet, groups: [engineering], models: ["anthropic.claude-sonnet-*"], regions: [us-east-1], maxTokens: 8000 }
  - { name: sonnet-long, groups: [research], models: ["anthropic.claude-sonnet-*"], maxTokens: 64000 }
  - { name: opus, people: ["alice@example.com"], teams: [core], models: ["anthropic.claude-opus-*"] }
  - { name: pipelines, serviceKeys: ["nightly-*"], models: ["anthropic.claude-haiku-*"], operations: [InvokeModel] }
attribution:
  - { groups: [engineering], costCentre: "4711" }
  - { everyone: true, costCentre: "0", project: unassigned }
`
const policy = compilePolicy(parsePolicy(text))
const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const opus = 'anthropic.claude-opus-4-1-20250805-v1:0'
const haiku = 'anthropic.claude-haiku-4-5-20251001-v1:0'

const ask = (model: string, subject: Partial<PolicyQuestion['subject']> = {}, more: Partial<PolicyQuestion> = {}) =>
  policy.decide({
    subject: {
      credential: 'oidc',
      groups: [],
      team: undefined,
      subject: 's-1',
      email: undefined,
      name: undefined,
      ...subject,
    },
    model: parseModelId(model) ?? expect.unreachable(),
    region: 'us-east-1',
    operation: 'InvokeModel',
    maxTokens: () => 1000,
    ...more,
  })

test('what no rule allows is refused; the first that fits allows it', () => {
  expect(ask(sonnet)).toEqual({ allowed: false, reason: 'no_rule', rule: '' })
  expect(ask(sonnet, { groups: ['engineering'] })).toEqual({ allowed: true, rule: 'sonnet', ceiling: 8000 })
  expect(ask(sonnet, { groups: ['engineering'] }, { region: 'eu-west-1' })).toMatchObject({ allowed: false })
  expect(ask(opus, { email: 'alice@example.com' })).toMatchObject({ rule: 'opus' })
  expect(ask(opus, { team: 'core' })).toMatchObject({ rule: 'opus' })
})

test('a rule that denies stands above all that allow', () => {
  expect(ask(opus, { team: 'core', groups: ['interns'] })).toEqual({
    allowed: false,
    reason: 'denied',
    rule: 'no-opus-for-interns',
  })
})

test('a ceiling refuses what asks for more, or names no bound; another rule may allow it; counting tokens has none', () => {
  const groups = ['engineering']
  expect(ask(sonnet, { groups }, { maxTokens: () => 8001 })).toEqual({
    allowed: false,
    reason: 'max_tokens',
    rule: 'sonnet',
    ceiling: 8000,
  })
  expect(ask(sonnet, { groups }, { maxTokens: () => undefined })).toMatchObject({ reason: 'max_tokens' })
  expect(ask(sonnet, { groups: ['engineering', 'research'] }, { maxTokens: () => 8001 })).toMatchObject({
    rule: 'sonnet-long',
  })
  expect(ask(sonnet, { groups }, { maxTokens: () => undefined, operation: 'CountTokens' })).toMatchObject({
    allowed: true,
  })
})

test('a service key is allowed by its name, and a person who calls himself so is not', () => {
  const key = { credential: 'service_key' as const, name: 'nightly-review' }
  expect(ask(haiku, key)).toMatchObject({ rule: 'pipelines' })
  expect(ask(haiku, key, { operation: 'InvokeModelWithResponseStream' })).toMatchObject({ allowed: false })
  expect(ask(haiku, { name: 'nightly-review', email: 'nightly-review' })).toMatchObject({ allowed: false })
})

test('an opaque model id is allowed by its own text only', () => {
  const opaque = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123'
  expect(ask(opaque, { groups: ['engineering'] })).toMatchObject({ allowed: false })
})

test('labels come from the first entry that fits and has them', () => {
  const subject = {
    credential: 'oidc' as const,
    groups: ['engineering'],
    team: undefined,
    subject: '',
    email: undefined,
    name: undefined,
  }
  expect(policy.labelsFor(subject)).toEqual({ costCentre: '4711', project: 'unassigned' })
  expect(policy.labelsFor({ ...subject, groups: [] })).toEqual({ costCentre: '0', project: 'unassigned' })
})

test('an edit changes the version even where the author forgot to count', () => {
  expect(parsePolicy(text).version).toMatch(/^7@[0-9a-f]{12}$/)
  expect(parsePolicy(`${text}# edited`).version).not.toBe(parsePolicy(text).version)
})

test('a broken file is refused with its line or field', () => {
  const wrong: readonly [string, object][] = [
    ['version: "1"\nrules:\n  - {name: a', { line: 3 }],
    ['version: 1\nrules: []', { field: 'version' }],
    [
      'version: "1"\nrules:\n  - { name: a, models: ["*"] }',
      { field: 'rules.0', reason: expect.stringContaining('says nobody') },
    ],
    [
      'version: "1"\nrules:\n  - { name: a, effect: deny, everyone: true, models: ["us.anthropic.claude-opus-*"] }',
      { field: 'rules.0.models.0', reason: expect.stringContaining('leave the geography') },
    ],
    ['version: "1"\nrules:\n  - { name: a, everyone: true, modles: ["*"] }', { field: 'rules.0.models' }],
    [
      'version: "1"\nrules:\n  - { name: a, everyone: true, models: ["*"] }\nlimits:\n  - { name: l, by: person }',
      { field: 'limits.0' },
    ],
    [
      'version: "1"\nrules:\n  - { name: a, everyone: true, models: ["*"] }\n  - { name: a, everyone: true, models: ["*"] }',
      { field: 'rules' },
    ],
  ]
  for (const [broken, facts] of wrong)
    expect(() => parsePolicy(broken), broken).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', facts: expect.objectContaining(facts) }),
    )
})

test('whatever a file holds, it is a policy or POLICY_INVALID', () => {
  const pieces = fc.constantFrom(
    'version',
    'rules',
    '"1"',
    ':',
    '-',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    'name',
    'models',
    '*',
    '&a',
    '*a',
    '!!js',
    'everyone: true',
    '\u0000',
    '"',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
      ),
      (input) => {
        try {
          expect(parsePolicy(input).rules.length).toBeGreaterThan(0)
        } catch (cause) {
          expect(isTriptychError(cause, 'POLICY_INVALID')).toBe(true)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
