import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readClaims } from '../../src/capture/gateway/attribute.ts'
import { createAnthropicDialect } from '../../src/capture/gateway/dialects/anthropic.ts'
import { anthropicStream } from '../../src/capture/gateway/dialects/anthropic-stream.ts'
import { bedrockDialect } from '../../src/capture/gateway/dialects/bedrock.ts'
import { createBodyMeter } from '../../src/capture/gateway/meter/body-meter.ts'
import { createStreamMeter } from '../../src/capture/gateway/meter/stream-meter.ts'
import { createOidcVerifier } from '../../src/capture/gateway/oidc.ts'
import { metadataLabels } from '../../src/capture/gateway/request-metadata.ts'
import { matchRoute, type Route } from '../../src/capture/gateway/route.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { isTriptychError } from '../../src/platform/triptych-error.ts'
import { callIntentSchema } from '../../src/record/gateway-call.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// A hundred thousand hostile cases: whatever a client, a provider or an upstream sends, the gateway answers or refuses.

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)

/** A text that is nearly right: pieces of the real thing, cut, doubled and mixed with junk. */
const nearly = (pieces: readonly string[]) =>
  fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...pieces) },
        fc.string({ maxLength: 12 }),
        fc.string({ unit: 'binary', maxLength: 6 }),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''))

const paths = nearly([
  '/model/',
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  '/invoke',
  '/converse',
  '-with-response-stream',
  '/bedrock',
  '/v1/messages',
  '?beta=true',
  '%2F',
  '%',
  '..',
  '/inference-profiles',
  'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile',
  '/v1/models/',
  '/count-tokens',
  '//',
])

/** Runs something hostile; anything but one of our errors is a crash. */
function survives(run: () => unknown): void {
  try {
    run()
  } catch (cause) {
    if (!isTriptychError(cause)) throw cause
  }
}

test('30,000 paths: each is one of ours or none, and a model in it is read or refused', () => {
  fc.assert(
    fc.property(fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'x'), paths, (method, path) => {
      const route = matchRoute(method, path)
      if (route?.kind === 'bedrock')
        survives(() => bedrockDialect.toBedrock({ route, headers: {}, body: Buffer.alloc(0) }))
    }),
    { numRuns: 30_000 },
  )
})

const messages: Route = { kind: 'anthropic', counts: false }
const dialect = createAnthropicDialect(new Map([['claude-sonnet-4-5', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0']]))

test('20,000 sets of headers and bodies: claims keep their grammar, labels come from metadata or not at all, bodies are read or refused', () => {
  const header = nearly([
    '{"project":"',
    'audit',
    '"}',
    '8d7f0d3e-0000-4000-8000-1234567890ab',
    'ae1fbc2823196692f',
    ',',
    '[]',
    '\\u0000',
    '__proto__',
  ])
  const body = nearly([
    '{"model":"claude-sonnet-4-5"',
    ',"stream":true',
    ',"messages":[',
    ']',
    '}',
    ',"anthropic_beta":["x"]',
    '"',
    '\\',
    '{"__proto__":{}}',
    'null',
  ])
  fc.assert(
    fc.property(header, header, body, (one, two, text) => {
      const headers = {
        'x-claude-code-session-id': one,
        'x-claude-code-agent-id': two,
        'anthropic-beta': two,
        'x-amzn-bedrock-request-metadata': one,
      }
      expect(
        callIntentSchema.pick({ session: true, agent: true, parentAgent: true }).safeParse(readClaims(headers)).success,
      ).toBe(true)
      survives(() => metadataLabels(headers))
      survives(() => dialect.toBedrock({ route: messages, headers, body: Buffer.from(text) }))
      survives(() =>
        dialect.toBedrock({ route: { kind: 'anthropic', counts: true }, headers, body: Buffer.from(text) }),
      )
    }),
    { numRuns: 20_000 },
  )
})

/** A real frame, or one with bytes turned, cut or doubled. */
const frames = fc
  .array(
    fc.record({
      event: fc.constantFrom('chunk', 'metadata', 'messageStop', 'initial-response', 'x'),
      kind: fc.constantFrom('event', 'exception', 'error', ''),
      inner: nearly([
        '{"type":"message_start","message":{"usage":{"input_tokens":',
        '1',
        '}}}',
        '{"type":"message_delta","usage":{"output_tokens":2},"delta":{"stop_reason":"end_turn"}}',
        '{"type":"message_stop"',
        ',"amazon-bedrock-invocationMetrics":{"inputTokenCount":1}',
        '}',
        '-',
        '1e999',
      ]),
      wrapped: fc.boolean(),
      flip: fc.option(fc.nat({ max: 400 })),
      cut: fc.option(fc.nat({ max: 60 })),
    }),
    { maxLength: 5 },
  )
  .map((all) =>
    Buffer.concat(
      all.map(({ event, kind, inner, wrapped, flip, cut }) => {
        const payload = wrapped ? JSON.stringify({ bytes: Buffer.from(inner).toString('base64') }) : inner
        const value = (text: string) => ({ type: 'string' as const, value: text })
        const bytes = Buffer.from(
          codec.encode({
            headers: { ':event-type': value(event), ':message-type': value(kind), ':exception-type': value(event) },
            body: Buffer.from(payload),
          }),
        )
        if (flip !== null && bytes.length > 0) bytes[flip % bytes.length] = (bytes[flip % bytes.length] ?? 0) ^ 0x41
        return cut === null ? bytes : bytes.subarray(0, Math.max(0, bytes.length - cut))
      }),
    ),
  )

test('25,000 event streams, cut by the network anywhere: the meter never throws, and says of itself whether it saw the end', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 8 }), (bytes, sizes) => {
      const { observer, transform } = anthropicStream()
      transform.pipe(new Writable({ write: (_chunk, _encoding, done) => done() }))
      const meter = createStreamMeter(observer)
      let at = 0
      for (const size of [...sizes, bytes.length]) {
        meter.chunk(bytes.subarray(at, at + size))
        transform.write(bytes.subarray(at, at + size))
        at += size
      }
      transform.destroy()
      expect(typeof meter.end().complete).toBe('boolean')
    }),
    { numRuns: 25_000 },
  )
})

test('10,000 answer bodies: what is no count is never taken for one', () => {
  const bodies = nearly([
    '{"usage":{',
    '"input_tokens":',
    '7',
    '-1',
    '1.5',
    '"output_tokens":null',
    ',',
    '}}',
    '{"inputTokens":',
    '"stop_reason":"end_turn"',
    '1e400',
  ])
  fc.assert(
    fc.property(bodies, nearly(['12', '-', '9'.repeat(20)]), (text, header) => {
      const meter = createBodyMeter({ 'x-amzn-bedrock-input-token-count': header })
      meter.chunk(Buffer.from(text))
      const { inputTokens, outputTokens } = meter.end()
      for (const count of [inputTokens, outputTokens])
        expect(count === undefined || (Number.isInteger(count) && count >= 0)).toBe(true)
    }),
    { numRuns: 10_000 },
  )
})

test('15,000 tokens: none of them is believed, and none costs more than a refusal', async () => {
  const verifier = createOidcVerifier(
    [
      {
        issuer: 'http://127.0.0.1:9/idp',
        audience: 'triptych',
        teamClaim: 'team',
        projectClaim: 'project',
        costCentreClaim: 'cost_centre',
        groupsClaim: 'groups',
        choiceClaims: {},
      },
    ],
    systemClock,
  )
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const tokens = nearly([
    part({ alg: 'none' }),
    part({ alg: 'RS256', kid: 'x' }),
    '.',
    part({ iss: 'http://127.0.0.1:9/idp', aud: 'triptych', sub: 'x', exp: 9e9 }),
    part({ iss: [] }),
    'AAAA',
    '...',
  ])
  await fc.assert(
    fc.asyncProperty(tokens, async (token) => {
      await expect(verifier.verify(token)).rejects.toSatisfy((cause: unknown) => isTriptychError(cause))
    }),
    { numRuns: 15_000 },
  )
})

let stand: Stand
beforeAll(async () => {
  stand = await startStand({ gateway: { heartbeat: '1h' } })
})
afterAll(() => stand.close())

/** The status line of whatever is answered to raw bytes; empty when the connection is closed without one. */
function answerTo(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(stand.gateway.url).port), '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      socket.destroy()
    })
    socket.once('error', () => undefined)
    socket.once('close', () => resolve(text.split('\r\n')[0] ?? ''))
    socket.end(bytes, 'latin1')
  })
}

test('2,000 requests over real connections: no crash, no hang, and no 500 at all', async () => {
  const token = await stand.token()
  const heads = nearly([
    'authorization: Bearer ',
    token,
    '\r\n',
    'content-length: 4\r\n',
    'transfer-encoding: chunked\r\n',
    'content-type: application/json\r\n',
    'x-triptych-project: audit\r\n',
    'expect: 100-continue\r\n',
    'connection: upgrade\r\n',
    ': \r\n',
    'x-amzn-bedrock-request-metadata: {"a":1}\r\n',
  ])
  const known = fc.constantFrom(
    '/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke',
    '/v1/messages',
    '/v1/models',
    '/inference-profiles',
  )
  const requests = fc.tuple(
    fc.constantFrom('POST', 'GET', 'PUT'),
    fc.oneof(known, paths),
    heads,
    nearly(['{}', '4\r\n{"a"\r\n', '0\r\n\r\n']),
  )
  const before = (await journalOf(stand.dataDir)).length
  for (const [method, path, head, body] of fc.sample(requests, 2_000))
    expect(
      await answerTo(`${method} ${path.replaceAll(/[\r\n ]/g, '')} HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n${body}`),
    ).not.toMatch(/ 500/)
  expect((await fetch(`${stand.gateway.url}/readyz`)).status).toBe(200)
  expect(stand.log.join('')).not.toContain('gateway.call.failed')
  expect((await journalOf(stand.dataDir)).length).toBeGreaterThan(before)
})
