import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter } from '../../src/platform/json/split-lines.ts'

function read(bytes: Buffer, cuts: readonly number[], longest = 1000): readonly string[] {
  const splitter = new LineSplitter(longest)
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end))
  const slices = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()]
  return slices.map((slice) => ('fault' in slice ? `!${slice.fault}` : slice.text))
}

const line = fc.oneof(
  fc.jsonValue().map((value) => `{"a":${JSON.stringify(value)}}`),
  fc.constantFrom('a warning: {x, y} [z', '', '   ', '"', '}{', '\\'),
)

test('a log comes out line by line, wherever the chunks are cut; a broken line costs itself alone', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 6 }), (lines, cuts) => {
      const whole = ['{"first":1}', ...lines]
      const expected = whole.map((text) => text.trim()).filter((text) => text !== '')
      expect(read(Buffer.from(whole.join('\n')), cuts, 1_000_000)).toEqual(expected)
    }),
    { numRuns: 2000 },
  )
})

test('a list comes out element by element, and no bytes make it throw', () => {
  expect(read(Buffer.from(' [{"a":1},\n {"b":2}]'), [3, 9])).toEqual(['{"a":1}', '{"b":2}'])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.array(fc.nat(), { maxLength: 4 }), (bytes, cuts) => {
      read(Buffer.from(bytes), cuts)
    }),
    { numRuns: 3000 },
  )
})

test('a line that is too long is named and costs no other', () => {
  expect(read(Buffer.from(`{"a":1}\n${'x'.repeat(2000)}\n{"b":2}`), [500, 900])).toEqual([
    '{"a":1}',
    '!too_large',
    '{"b":2}',
  ])
})
