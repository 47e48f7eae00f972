import { expect, test } from 'vitest'
import { type Reading, readUsage } from './usage.ts'

test('each dialect’s counts are taken under its own names', () => {
  const said = {
    anthropic: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 3, cache_creation_input_tokens: 4 },
    converse: { inputTokens: 1, outputTokens: 2, cacheReadInputTokens: 3, cacheWriteInputTokens: 4 },
    invocationMetrics: {
      inputTokenCount: 1,
      outputTokenCount: 2,
      cacheReadInputTokenCount: 3,
      cacheWriteInputTokenCount: 4,
    },
  } as const
  for (const [dialect, usage] of Object.entries(said)) {
    const reading: Reading = {}
    expect(readUsage(dialect as keyof typeof said, usage, reading)).toBe(true)
    expect(reading).toEqual({ inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 })
  }
})

test('a null count is no count; a malformed one takes nothing at all', () => {
  const reading: Reading = { inputTokens: 7 }
  expect(readUsage('anthropic', { input_tokens: null, output_tokens: 2 }, reading)).toBe(true)
  expect(reading).toEqual({ inputTokens: 7, outputTokens: 2 })
  for (const bad of [{ output_tokens: -1 }, { output_tokens: 1.5 }, { output_tokens: '9' }, 'x', null, [1]])
    readUsage('anthropic', bad, reading)
  expect(reading).toEqual({ inputTokens: 7, outputTokens: 2 })
})
