import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readForeign } from '../../src/capture/foreign/read-foreign.ts'
import { foreignRefusals } from '../../src/capture/foreign/reading.ts'
import { classesOf } from '../../src/record/field-class.ts'
import { foreignCallSchema, foreignProducts } from '../../src/record/foreign-call.ts'

const key = Buffer.alloc(32, 7)
const fixtures = join(import.meta.dirname, '../fixtures/foreign')
const product = fc.constantFrom(...foreignProducts)

const lines = foreignProducts.flatMap((name) =>
  readdirSync(join(fixtures, name))
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap((file) =>
      readFileSync(join(fixtures, name, file), 'utf8')
        .trimEnd()
        .split('\n'),
    )
    .map((line): readonly [typeof name, string] => [name, line]),
)

/** The same value with one of its members, however deep, replaced by something else. */
function replaced(value: unknown, at: number, by: unknown): unknown {
  let left = at
  const walk = (found: unknown): unknown => {
    if (left === 0) {
      left -= 1
      return by
    }
    left -= 1
    if (Array.isArray(found)) return found.map(walk)
    if (typeof found !== 'object' || found === null) return found
    return Object.fromEntries(Object.entries(found).map(([name, member]) => [name, walk(member)]))
  }
  return walk(value)
}

const knownCodes = Object.keys(foreignRefusals)

test('a reader gives a call, no call or a refusal of a known code, and never throws, whatever it is given', () => {
  fc.assert(
    fc.property(product, fc.oneof(fc.anything(), fc.jsonValue()), (name, value) => {
      const reading = readForeign({ product: name, source: 'prod' }, value, key)
      if (reading.kind === 'refused') expect(knownCodes).toContain(reading.code)
    }),
    { numRuns: 5000 },
  )
})

test('a real line with any member replaced by anything is read or refused, and what is kept has the form of its field', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...lines),
      fc.nat({ max: 90 }),
      fc.oneof(fc.anything(), fc.constantFrom(1e308, -1, Number.NaN, '', '9'.repeat(400), [], null)),
      ([name, line], place, by) => {
        const reading = readForeign({ product: name, source: 'prod' }, replaced(JSON.parse(line), place, by), key)
        if (reading.kind === 'refused') expect(knownCodes).toContain(reading.code)
        if (reading.kind === 'call') expect(foreignCallSchema.safeParse(reading.call).success).toBe(true)
      },
    ),
    { numRuns: 5000 },
  )
})

const canary = 'CANARY-5d2f'

test('what was said, headers and tokens in a line reach neither record nor identity', () => {
  for (const [name, line] of lines) {
    const reading = readForeign({ product: name, source: 'prod' }, JSON.parse(line), key)
    expect(JSON.stringify(reading)).not.toContain(canary)
  }
})

/** Members that hold what somebody said, a header or a secret, by product; anything below them too. */
const secretMembers: Readonly<Record<(typeof foreignProducts)[number], readonly string[]>> = {
  litellm: [
    'messages',
    'response',
    'error_str',
    'model_parameters',
    'request_tags',
    'end_user',
    'proxy_server_request',
  ],
  'claude-apps-gateway': ['message', 'body', 'headers', 'authorization'],
  kong: ['payload', 'querystring', 'url', 'uri', 'authorization', 'set-cookie', 'cookie', 'upstream_uri'],
  envoy: ['user-agent', 'x-envoy-origin-path', 'authorization', 'x-api-key', 'x-forwarded-for'],
  agentgateway: ['request.body', 'response.body', 'gen_ai.prompt', 'gen_ai.completion', 'authorization'],
  portkey: ['request', 'response', 'config', 'virtual_key'],
}

function planted(value: unknown, names: readonly string[], secret: unknown): unknown {
  if (Array.isArray(value)) return value.map((member) => planted(member, names, secret))
  if (typeof value !== 'object' || value === null) return value
  const own = Object.entries(value).map(([name, member]) => [
    name,
    names.includes(name) ? secret : planted(member, names, secret),
  ])
  return Object.fromEntries(own)
}

test('a secret planted in any such member, in any shape, never comes out', () => {
  const word = `sk-ant-${canary}`
  const shape = fc.constantFrom<unknown>(
    word,
    [{ role: 'user', content: word }],
    { content: [{ text: word }], stop_reason: word, choices: [{ finish_reason: word, message: { content: word } }] },
    { headers: { authorization: `Bearer ${word}`, 'x-amzn-requestid': `Bearer ${word} ` } },
  )
  fc.assert(
    fc.property(fc.constantFrom(...lines), shape, ([name, line], secret) => {
      const top = Object.fromEntries(secretMembers[name].map((member) => [member, secret]))
      const value = { ...(JSON.parse(line) as object), ...top, ...(name === 'kong' ? {} : { authorization: word }) }
      const reading = readForeign({ product: name, source: 'prod' }, planted(value, secretMembers[name], secret), key)
      expect(JSON.stringify(reading)).not.toContain(canary)
    }),
    { numRuns: 2000 },
  )
})

test('every field of the record is metadata: who it was stands in the vault only', () => {
  for (const [name, kind] of classesOf(foreignCallSchema)) expect(kind, name).toBe('metadata')
})
