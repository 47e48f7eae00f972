import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLogger } from '../../../platform/logger.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { parseModelId } from '../../../record/model-id.ts'
import { compilePolicy } from '../policy/decide.ts'
import { parsePolicy } from '../policy/policy.ts'
import type { Counters } from './counters.ts'
import { keepCounters } from './kept-counters.ts'
import { createLocalCounters } from './limiter-counters.ts'
import { createLimits, type LimitQuestion, type LimitsParts } from './limits.ts'
import { readPriceList } from './price-list.ts'

const modelId = parseModelId('us.anthropic.claude-sonnet-4-5-20250929-v1:0') ?? expect.unreachable()
const start = Date.parse('2026-11-30T23:59:00Z')

function limitsOf(limits: string, parts: Partial<LimitsParts> = {}) {
  const text = `version: "1"\nrules: [{ name: all, everyone: true, models: ["*"] }]\nlimits:\n${limits}`
  const policy = compilePolicy(parsePolicy(text))
  const clock = { at: start, now: () => clock.at }
  const notes: string[] = []
  const made = createLimits({
    limits: () => policy.limits,
    counters: createLocalCounters(),
    clock,
    logger: createLogger('silent', () => undefined),
    onFailure: 'refuse',
    warnAt: 0.8,
    note: async (state) => notes.push(state),
    ...parts,
  })
  return { ...made, clock, notes }
}

const call = (person: string, more: Partial<LimitQuestion> = {}): LimitQuestion => ({
  subject: { credential: 'oidc', groups: [], team: undefined, subject: person, email: undefined, name: undefined },
  person,
  team: 'core',
  project: '',
  modelId,
  model: modelId.model ?? '',
  ...more,
})

test('each person has a count of their own, and the one that passes it is refused with the seconds to wait', async () => {
  const { admit } = limitsOf('  - { name: rpm, by: person, requestsPerMinute: 2 }')
  for (const alias of ['a', 'a', 'b', 'b']) await admit(call(alias))
  await expect(admit(call('a'))).rejects.toMatchObject({
    code: 'GATEWAY_LIMIT_REACHED',
    facts: { limit: 'rpm', quantity: 'requestsPerMinute', retryAfterSeconds: expect.any(Number) },
  })
})

test('tokens are counted when they are known, and the next call is held against them; cache reads are not counted', async () => {
  const { admit } = limitsOf('  - { name: tokens, by: team, inputTokensPerMinute: 100, outputTokensPerDay: 50 }')
  const lease = await admit(call('a'))
  expect(lease.warnings).toEqual([])
  await lease.settle({ inputTokens: 60, cacheWriteTokens: 25, outputTokens: 10 })
  const second = await admit(call('b'))
  expect(second.warnings).toEqual(['tokens 85%'])
  await second.settle({ outputTokens: 45 })
  await expect(admit(call('c'))).rejects.toMatchObject({ facts: { quantity: 'outputTokensPerDay' } })
  await admit(call('c', { team: 'other' }))
})

test('a call that did not go out gives its place back, and one that is over frees it', async () => {
  const { admit } = limitsOf('  - { name: at-once, by: all, concurrent: 2 }')
  const [first] = [await admit(call('a')), await admit(call('b'))]
  await expect(admit(call('c'))).rejects.toMatchObject({ facts: { quantity: 'concurrent', retryAfterSeconds: 1 } })
  await first?.settle({})
  await admit(call('c'))
})

test('a refusal by one limit takes nothing from the others', async () => {
  const { admit } = limitsOf(
    '  - { name: wide, by: all, requestsPerMinute: 3 }\n  - { name: narrow, by: person, requestsPerMinute: 1 }',
  )
  await admit(call('a'))
  for (let i = 0; i < 5; i++) await expect(admit(call('a'))).rejects.toMatchObject({ facts: { limit: 'narrow' } })
  await admit(call('b'))
  await admit(call('c'))
  await expect(admit(call('d'))).rejects.toMatchObject({ facts: { limit: 'wide' } })
})

test('a month’s budget is spent in money, and the next month begins anew', async () => {
  const { admit, clock } = limitsOf('  - { name: budget, by: project, usdPerMonth: 1 }')
  const lease = await admit(call('a'))
  await lease.settle({ costMicroUsd: 1_000_000 })
  // Local counts must not forget a month because no timer is that long.
  await new Promise((resolve) => setTimeout(resolve, 20))
  await expect(admit(call('b'))).rejects.toMatchObject({
    code: 'GATEWAY_BUDGET_SPENT',
    facts: { retryAfterSeconds: 60 },
  })
  clock.at += 60_000
  await admit(call('b'))
})

test('while the counts are away calls are refused or let pass as configured, and both turns are noted once', async () => {
  const counters = createLocalCounters()
  let away = true
  const failing: Counters = {
    ...counters,
    add: (...args) => (away ? Promise.reject(new TriptychError('LIMITS_UNAVAILABLE')) : counters.add(...args)),
  }
  const rule = '  - { name: rpm, by: person, requestsPerMinute: 2 }'
  const strict = limitsOf(rule, { counters: failing })
  for (let i = 0; i < 3; i++)
    await expect(strict.admit(call('a'))).rejects.toMatchObject({ code: 'LIMITS_UNAVAILABLE' })
  expect(strict.notes).toEqual(['away'])
  const lenient = limitsOf(rule, { counters: failing, onFailure: 'allow' })
  expect(await lenient.admit(call('a'))).toMatchObject({ state: 'unchecked' })
  away = false
  expect(await lenient.admit(call('a'))).toMatchObject({ state: 'checked' })
  expect(lenient.notes).toEqual(['away', 'back'])
})

test('days and months outlive the process that counted them; a file that is none counts for nothing', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'triptych-limits-'))
  const path = join(dir, 'counts.json')
  const clock = { now: () => start }
  const rule = '  - { name: budget, by: person, usdPerMonth: 1, requestsPerMinute: 1 }'
  const first = await keepCounters(createLocalCounters(), path, clock)
  await (await limitsOf(rule, { counters: first }).admit(call('a'))).settle({ costMicroUsd: 1_200_000 })
  await first.save()
  const again = async (at: number) =>
    limitsOf(rule, { counters: await keepCounters(createLocalCounters(), path, { now: () => at }) })
  await expect((await again(start)).admit(call('a'))).rejects.toMatchObject({ code: 'GATEWAY_BUDGET_SPENT' })
  writeFileSync(path, '{"v":1,"counts":[["day",1]]}')
  await (await again(start)).admit(call('a'))
  rmSync(dir, { recursive: true })
})

test('where the counts outlived the process, as with a worker that is started again, nothing is given back twice', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'triptych-limits-'))
  const clock = { now: () => start }
  const counts = createLocalCounters()
  const rule = '  - { name: budget, by: team, usdPerMonth: 10 }'
  const key = 'budget|usdPerMonth|team core|2026-11'
  for (let life = 0; life < 4; life++) {
    const kept = await keepCounters(counts, join(dir, 'counts.json'), clock, life === 0)
    await (await limitsOf(rule, { counters: kept }).admit(call('a'))).settle({ costMicroUsd: 1_000_000 })
    await kept.save()
  }
  expect(await counts.read('month', key)).toMatchObject({ used: 4_000_000 })
  // All of it comes back where the counts are new.
  const fresh = createLocalCounters()
  await keepCounters(fresh, join(dir, 'counts.json'), clock)
  expect(await fresh.read('month', key)).toMatchObject({ used: 4_000_000 })
  rmSync(dir, { recursive: true })
})

test('places that are given back after their count began anew leave nothing below nothing', async () => {
  const counts = createLocalCounters()
  await counts.add('running', 'x', -5)
  expect(await counts.add('running', 'x', 1)).toMatchObject({ used: 1 })
})

test('cost is what the list says of each kind of token; what has no price or no count has no cost', async () => {
  const { costOf } = await readPriceList()
  const none = { tokensFrom: 'body', stopReason: '', complete: true, streamError: '' } as const
  const counts = {
    ...none,
    inputTokens: 1000,
    outputTokens: 100,
    cacheReadTokens: 10_000,
    cacheWriteTokens: 2000,
    cacheWrite1hTokens: 500,
  }
  const global = parseModelId('global.anthropic.claude-sonnet-4-5-20250929-v1:0') ?? expect.unreachable()
  // 1000·3 + 100·15 + 10000·0.3 + 1500·3.75 + 500·6 millionths of a dollar
  expect(costOf(global, counts)).toBe(16_125)
  expect(costOf(modelId, counts)).toBe(Math.ceil(16_125 * 1.1))
  expect(costOf(modelId, none)).toBeUndefined()
  expect(costOf(parseModelId('anthropic.claude-unheard-of-v9:0') ?? expect.unreachable(), counts)).toBeUndefined()
  const old = parseModelId('anthropic.claude-3-haiku-20240307-v1:0') ?? expect.unreachable()
  expect(costOf(old, counts)).toBeUndefined()
  expect(costOf(old, { ...none, inputTokens: 1000, outputTokens: 100 })).toBe(375)
})
