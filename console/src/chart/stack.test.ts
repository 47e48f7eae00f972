import { expect, test } from 'vitest'
import type { HistogramAnswer } from '../../../src/app/api/schema/call.ts'
import { snapToBuckets, stackOf } from './stack.ts'

const answer: HistogramAnswer = {
  since: '2026-11-24T00:00:00.000Z',
  until: '2026-11-24T02:00:00.000Z',
  asOf: '2026-11-24T02:00:00.000Z',
  simulated: true,
  bucketMs: 3_600_000,
  buckets: [
    { from: '2026-11-24T00:00:00.000Z', calls: { corroborated: 5, refused: 2, lost: 1 } },
    { from: '2026-11-24T01:00:00.000Z', calls: { bypass: 3 } },
  ],
}

test('the highest edge of a bucket is all its calls', () => {
  const { edges } = stackOf(answer)
  expect(edges.map((edge) => edge[0])).toEqual([5, 7, 7, 8, 8])
  expect(edges.map((edge) => edge[1])).toEqual([0, 0, 0, 0, 3])
})

test('a stretch is the same drawn from either side, and never empty', () => {
  expect(snapToBuckets(5_500, 1_200, 1_000)).toEqual(snapToBuckets(1_200, 5_500, 1_000))
  expect(snapToBuckets(1_200, 5_500, 1_000)).toEqual({ since: 1_000, until: 6_000 })
  expect(snapToBuckets(3_000, 3_000, 1_000)).toEqual({ since: 3_000, until: 4_000 })
})
