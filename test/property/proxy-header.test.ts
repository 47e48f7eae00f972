import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { Command, IPv4Address, IPv4ProxyAddress, TransportProtocol, V2ProxyProtocol } from 'proxy-protocol-js'
import { expect, test } from 'vitest'
import { takeProxyHeader } from '../../src/capture/gateway/proxy-header.ts'

/** What `takeProxyHeader` says, and what it leaves, of bytes that come in pieces. */
async function take(pieces: readonly Buffer[]): Promise<{ valid: boolean | 'silent'; left: Buffer }> {
  const stream = new PassThrough()
  const said = new Promise<boolean | 'silent'>((resolve) => {
    takeProxyHeader(stream, resolve)
    stream.once('end', () => resolve('silent'))
  })
  for (const piece of pieces) {
    stream.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  stream.end()
  const valid = await said
  const left: Buffer[] = []
  for await (const chunk of stream) left.push(chunk as Buffer)
  return { valid, left: Buffer.concat(left) }
}

const v1 = Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n')
const v2 = Buffer.from(
  new V2ProxyProtocol(
    Command.PROXY,
    TransportProtocol.STREAM,
    new IPv4ProxyAddress(IPv4Address.createFrom([192, 0, 2, 1]), 40_000, IPv4Address.createFrom([192, 0, 2, 2]), 443),
  ).build(),
)

test('a header of either version is taken off however the network cuts it, and what follows is whole', async () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(v1, v2),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      cuts,
      async (header, rest, sizes) => {
        const whole = Buffer.concat([header, rest])
        const pieces: Buffer[] = []
        let at = 0
        for (const size of [...sizes, whole.length]) {
          if (at < whole.length) pieces.push(whole.subarray(at, at + size))
          at += size
        }
        expect(await take(pieces)).toEqual({ valid: true, left: Buffer.from(rest) })
      },
    ),
    { numRuns: 200 },
  )
})

test('a connection that does not begin with one is not let in, whatever it sends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 17, maxLength: 300 }), async (bytes) => {
      expect((await take([Buffer.from(bytes)])).valid).not.toBe(true)
    }),
    { numRuns: 300 },
  )
  for (const bad of ['PROXY TCP4 nonsense\r\n', `PROXY ${'x'.repeat(200)}`, 'GET / HTTP/1.1\r\n\r\n'])
    expect((await take([Buffer.from(bad)])).valid, bad).toBe(false)
})
