import { expect, test } from 'vitest'
import { evidenceParams } from './evidence-params.ts'

test('settings of the logging configuration are kept', () => {
  const parameters = {
    loggingConfig: { textDataDeliveryEnabled: false, s3Config: { bucketName: 'logs', keyPrefix: 'bedrock' } },
  }
  expect(JSON.parse(evidenceParams(parameters))).toEqual(parameters)
})

test('a policy, a tag and a description are not', () => {
  const text = evidenceParams({
    bucketName: 'logs',
    bucketPolicy: { Statement: [{ Principal: { AWS: 'arn:aws:iam::111122223333:user/alice@example.com' } }] },
    tagsList: [{ key: 'owner', value: 'alice@example.com' }],
    description: 'alice@example.com',
  })
  expect(JSON.parse(text)).toEqual({ bucketName: 'logs' })
})

test('advanced selectors keep their fields', () => {
  const parameters = {
    trailName: 'main',
    advancedEventSelectors: [{ fieldSelectors: [{ field: 'eventCategory', equals: ['Management'] }] }],
  }
  expect(JSON.parse(evidenceParams(parameters))).toEqual(parameters)
})

test('without settings there is nothing', () => {
  expect([undefined, null, {}, [], 'text', { a: { b: 1 } }].map(evidenceParams)).toEqual(['', '', '', '', '', ''])
})
