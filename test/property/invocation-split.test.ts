import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseInvocation } from '../../src/capture/content/parse-invocation.ts'
import { joinRecord, splitRecord } from '../../src/capture/content/split-record.ts'
import { objectEntries } from '../../src/platform/json/object-entries.ts'

const nameless = (arn: string) => ({ arn: arn.replace(/[^/]*$/, 'q'), alias: 'q0000000000000000000a' })
const space = fc.constantFrom('', ' ', '\n', '\t ')

/** JSON with white space in odd places. */
const spaced = fc
  .tuple(fc.dictionary(fc.string({ maxLength: 12 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 }), fc.nat({ max: 3 }))
  .map(([value, indent]) => JSON.stringify(value, null, indent))

test('the members of any object are found where they stand', () => {
  fc.assert(
    fc.property(spaced, space, (text, before) => {
      const bytes = Buffer.from(before + text)
      const entries = objectEntries(bytes)
      const found = Object.fromEntries(
        (entries ?? []).map((entry) => [entry.key, JSON.parse(bytes.toString('utf8', entry.start, entry.end))]),
      )
      expect(found).toEqual(JSON.parse(text))
    }),
    { numRuns: 2000 },
  )
})

test('no byte string makes the scanner throw or hang', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      objectEntries(bytes)
    }),
    { numRuns: 5000 },
  )
})

const secret = 'SECRET-canary-7f3a'
const record = fc.record(
  {
    timestamp: fc.constant('2026-08-10T21:12:39Z'),
    accountId: fc.constant('111122223333'),
    region: fc.constant('us-east-1'),
    requestId: fc.uuid(),
    operation: fc.constantFrom('InvokeModel', 'Converse', 'ConverseStream', 'InvokeModelWithResponseStream'),
    modelId: fc.constant('anthropic.claude-3-sonnet-20240229-v1:0'),
    requestMetadata: fc.constant({ note: secret }),
    input: fc.record({
      inputContentType: fc.constant('application/json'),
      inputBodyJson: fc.constant({ text: secret }),
      inputTokenCount: fc.nat(),
    }),
    output: fc.record({
      outputBodyJson: fc.oneof(
        fc.constant([{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, '[DONE]']),
        fc.constant({ stop_reason: 'end_turn', text: secret }),
      ),
      outputTokenCount: fc.nat(),
    }),
    identity: fc.constant({ arn: 'arn:aws:iam::111122223333:user/alice' }),
    newFieldOfAws: fc.constant({ nested: secret }),
  },
  { requiredKeys: ['timestamp', 'requestId', 'input'] },
)

test('an envelope holds nothing of what was said and no name, and with the cuts it is the record again, byte for byte', () => {
  fc.assert(
    fc.property(record, fc.nat({ max: 2 }), (value, indent) => {
      const bytes = Buffer.from(JSON.stringify(value, null, indent))
      const split = splitRecord(bytes)
      expect(split).toBeDefined()
      if (split === undefined) return
      expect(split.envelope).not.toContain(secret)
      expect(split.envelope).not.toContain('alice')
      expect(joinRecord(split.envelope, split.cuts).equals(bytes)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('what is read of a record holds nothing of what was said either', () => {
  fc.assert(
    fc.property(record, (value) => {
      const parsed = parseInvocation(value, nameless)
      expect(parsed).toBeDefined()
      expect(JSON.stringify(parsed?.record)).not.toContain(secret)
      expect(JSON.stringify(parsed?.record)).not.toContain('alice')
    }),
    { numRuns: 500 },
  )
})

test('parsing never throws, on any value', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      parseInvocation(value, nameless)
    }),
    { numRuns: 3000 },
  )
})
