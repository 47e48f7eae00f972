import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseModelId, sameModel } from '../../src/record/model-id.ts'

const base = 'anthropic.claude-sonnet-4-5-20250929-v1:0'

test('every form of one model names the same model', () => {
  const forms = [
    base,
    `us.${base}`,
    `eu.${base}`,
    `apac.${base}`,
    `global.${base}`,
    `${base}:200k`,
    `arn:aws:bedrock:us-east-1::foundation-model/${base}`,
    `arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.${base}`,
    `arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:inference-profile/us-gov.${base}`,
  ]
  for (const form of forms) expect(parseModelId(form)?.model, form).toBe(base)
})

test('a newer id without a version suffix is a model of its own', () => {
  expect(parseModelId('global.anthropic.claude-opus-4-7')).toMatchObject({
    model: 'anthropic.claude-opus-4-7',
    scope: 'global',
  })
  expect(parseModelId('us.anthropic.claude-opus-4-6-v1')?.model).toBe('anthropic.claude-opus-4-6-v1')
})

test('an ARN says its region and account', () => {
  expect(parseModelId(`arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.${base}`)).toMatchObject({
    kind: 'inference-profile',
    region: 'eu-west-1',
    account: '111122223333',
    scope: 'eu',
  })
})

test('an application inference profile stays opaque, and so does every other kind that names no model', () => {
  const arns = [
    'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3',
    'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc',
    'arn:aws:bedrock:us-east-1:111122223333:custom-model-deployment/abc',
    'arn:aws:bedrock:us-east-1:111122223333:imported-model/abc',
    'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:1',
    'arn:aws:bedrock:us-east-1:111122223333:prompt-router/abc',
    'arn:aws:sagemaker:us-east-1:111122223333:endpoint/claude',
  ]
  for (const arn of arns) {
    const id = parseModelId(arn)
    expect(id, arn).toBeDefined()
    expect(id?.model, arn).toBeUndefined()
  }
  const opaque = parseModelId(arns[0] ?? '')
  const known = parseModelId(base)
  if (opaque === undefined || known === undefined) throw new RangeError('both are model ids')
  expect(sameModel(opaque, known)).toBe('unknown')
  expect(sameModel(opaque, opaque)).toBe('same')
})

test('what is no model id is none', () => {
  for (const text of [
    '',
    'claude',
    '../x',
    'a b',
    'arn:aws:s3:::bucket/x',
    'anthropic.',
    '.claude',
    'arn:aws:bedrock:us-east-1:1:unknown-kind/x',
    `a.${'b'.repeat(3000)}`,
  ]) {
    expect(parseModelId(text), text).toBeUndefined()
  }
})

test('the parser never throws, on any text, and what it accepts it gives back as sent', () => {
  const pieces = fc.constantFrom(
    'arn:',
    'aws',
    ':',
    '/',
    'bedrock',
    'us.',
    'anthropic.',
    base,
    'inference-profile',
    '111122223333',
    '%2F',
    '\u0000',
    'é',
  )
  const text = fc.oneof(
    fc.string({ maxLength: 100 }),
    fc.array(pieces, { maxLength: 12 }).map((list) => list.join('')),
  )
  fc.assert(
    fc.property(text, (given) => {
      const id = parseModelId(given)
      if (id !== undefined) expect(id.asSent).toBe(given)
    }),
    { numRuns: 5000 },
  )
})

test('a scope in front changes the scope, never the model', () => {
  const name = fc
    .stringMatching(/^[a-z0-9]{1,10}\.[a-z0-9][a-z0-9-]{0,20}$/)
    .filter((text) => !/^(us|eu|apac|jp|au|ca|us-gov|global)\./.test(text))
  fc.assert(
    fc.property(name, fc.constantFrom('us', 'eu', 'jp', 'global'), (model, scope) => {
      expect(parseModelId(`${scope}.${model}`)?.model).toBe(parseModelId(model)?.model)
    }),
  )
})
