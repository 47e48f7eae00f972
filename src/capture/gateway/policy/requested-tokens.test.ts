import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requestedTokens } from './requested-tokens.ts'

const read = (text: string) => requestedTokens('InvokeModel', Buffer.from(text))

test('the bound of a request is read as a parser would read it', () => {
  const value = fc.jsonValue({ maxDepth: 4 })
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ maxLength: 8 }), value),
      fc.option(fc.integer({ min: 1, max: 1_000_000 })),
      (rest, bound) => {
        const body = JSON.stringify({ ...rest, ...(bound === null ? {} : { max_tokens: bound }) })
        // A body in which the key stands somewhere else as well is read no lower than it says.
        const twice = body.split('"max_tokens"').length > 2
        if (twice) expect(read(body) ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(bound ?? 0)
        else expect(read(body)).toBe(bound ?? undefined)
      },
    ),
    { numRuns: 2_000 },
  )
})

test('no way of writing the key hides it', () => {
  expect(read('{"max\\u005ftokens":64000,"x":{"max_tokens":5}}')).toBe(64_000)
  expect(read('{"max_tokens":64000,"max_tokens":5}')).toBe(64_000)
  expect(read('{ "max_tokens" :\n 64000 , "m": "say \\"max_tokens\\": 5" }')).toBe(64_000)
  expect(read('{"stop":"max_tokens","max_tokens":7}')).toBe(7)
  expect(read('{"max_tokens":6.4e4}')).toBe(64_000)
  expect(read('{"messages":[]}')).toBeUndefined()
  expect(requestedTokens('Converse', Buffer.from('{"additionalModelRequestFields":{"maxTokens":5}}'))).toBeUndefined()
  expect(requestedTokens('Converse', Buffer.from('{"inferenceConfig":{"maxTokens":5}}'))).toBe(5)
  // A field that the operation does not read bounds nothing.
  expect(requestedTokens('Converse', Buffer.from('{"max_tokens":1,"inferenceConfig":{"maxTokens":64000}}'))).toBe(
    64_000,
  )
  expect(requestedTokens('Converse', Buffer.from('{"max_tokens":1}'))).toBeUndefined()
  const both = '{"inferenceConfig":{"maxTokens":5},"additionalModelRequestFields":{"max_tokens":64000}}'
  expect(requestedTokens('Converse', Buffer.from(both))).toBe(64_000)
  expect(read('{"inferenceConfig":{"maxTokens":5}}')).toBeUndefined()
})
