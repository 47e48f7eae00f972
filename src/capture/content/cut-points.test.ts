import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutPoints } from './cut-points.ts'
import { sessionClaimOf } from './session-claim.ts'

const pieces = (text: string) => {
  const bytes = Buffer.from(text)
  const edges = [0, ...cutPoints(bytes), bytes.length]
  return edges.slice(1).map((end, i) => bytes.toString('utf8', edges[i], end))
}

test('messages, tools and system prompts are pieces of their own', () => {
  expect(
    pieces('{"max_tokens":9,"system":[{"text":"a"}, {"text":"b"}],"messages":[{"role":"user"},{"role":"é"}]}'),
  ).toEqual([
    '{"max_tokens":9,"system":[',
    '{"text":"a"}',
    ', {"text":"b"}',
    '],"messages":[',
    '{"role":"user"}',
    ',{"role":"é"}',
    ']}',
  ])
  expect(pieces('{"toolConfig":{"tools":[{"a":1},{"b":2}]},"messages":[]}')).toEqual([
    '{"toolConfig":{"tools":[',
    '{"a":1}',
    ',{"b":2}',
    ']},"messages":[',
    ']}',
  ])
})

test('a body of any other form is one piece', () => {
  for (const text of ['"hello"', '[{"type":"message_start"}]', '{"messages":"none"}', '{}', '', 'no json'])
    expect(pieces(text)).toEqual([text])
})

test('whatever a body holds, the cuts ascend within it', () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (a, b) => {
      const bytes = Buffer.from(`{"messages":[${a},${b}],"tools":${a}}`)
      const cuts = cutPoints(bytes)
      expect(cuts).toEqual([...new Set(cuts)].sort((left, right) => left - right))
      expect(cuts.every((cut) => cut > 0 && cut < bytes.length)).toBe(true)
    }),
  )
})

test('the session is taken from where Claude Code writes it, in its own form alone', () => {
  const session = '0a1b2c3d-0000-4000-8000-0123456789ab'
  const body = (metadata: unknown) => Buffer.from(JSON.stringify({ messages: [], metadata }))
  const user = (session_id: string) => ({ user_id: JSON.stringify({ device_id: 'd', session_id }) })
  expect(sessionClaimOf(body(user(session)))).toBe(session)
  for (const other of [user('alice@example.com'), { user_id: 'plain' }, { user_id: 7 }, 'text', undefined])
    expect(sessionClaimOf(body(other))).toBe('')
  expect(sessionClaimOf(Buffer.from('[]'))).toBe('')
})
