import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readGzip } from './read-gzip.ts'

async function read(file: Buffer, partBytes = 40_000, most?: number) {
  const parts = []
  for (let at = 0; at < file.length; at += partBytes) parts.push(file.subarray(at, at + partBytes))
  const held: Buffer[] = []
  const { fault, trailing, bytes } = await readGzip(Readable.from(parts), (part) => held.push(part), most)
  return { fault, trailing, bytes, content: Buffer.concat(held) }
}

const small = Buffer.from('{"Records":[]}'.repeat(50))
const large = randomBytes(900_000)
const bomb = Buffer.alloc(9_000_000)

test.each([
  ['small', small],
  ['empty', Buffer.alloc(0)],
  ['larger than is unpacked at once', large],
  ['small, and much when unpacked', bomb],
])('%s: what was packed comes out, whatever pieces it comes in', async (_name, content) => {
  const file = gzipSync(content)
  for (const part of [7_777, 65_536, 1_000_000]) {
    const got = await read(file, part)
    expect([got.fault, got.trailing, got.bytes]).toEqual([undefined, 0, file.length])
    expect(got.content.equals(content)).toBe(true)
  }
})

test.each([
  ['small', small],
  ['large', large],
  ['unpacks to much', bomb],
])('%s: bytes behind the end are counted, also zeros and a second gzip', async (_name, content) => {
  for (const more of [Buffer.from('x'), Buffer.alloc(100_000), gzipSync('y')]) {
    const got = await read(Buffer.concat([gzipSync(content), more]))
    expect([got.fault, got.trailing]).toEqual([undefined, more.length])
    expect(got.content.equals(content)).toBe(true)
  }
})

test('what is cut off, altered or no gzip is told apart', async () => {
  for (const content of [small, large]) {
    const file = gzipSync(content)
    expect((await read(file.subarray(0, file.length - 3))).fault).toBe('truncated_gzip')
    expect((await read(file.subarray(0, file.length >> 1))).fault).toBe('truncated_gzip')
    const turned = Buffer.from(file)
    turned[file.length - 6] = (turned[file.length - 6] ?? 0) ^ 1
    expect((await read(turned)).fault).toBe('broken_gzip')
  }
  expect((await read(small)).fault).toBe('not_gzip')
  const reserved = gzipSync(small)
  reserved[3] = 0x20
  expect((await read(reserved)).fault).toBe('not_gzip')
  expect((await read(Buffer.alloc(0))).fault).toBe('not_gzip')
  expect(await read(gzipSync(bomb), 65_536, 1_000_000)).toMatchObject({ fault: 'too_large' })
})

test('no bytes make it throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, withMagic) => {
      const file = Buffer.concat([withMagic ? Buffer.from([0x1f, 0x8b, 8]) : Buffer.alloc(0), bytes])
      const { fault } = await read(file, 50)
      expect(typeof fault === 'string' || fault === undefined).toBe(true)
    }),
    { numRuns: 300 },
  )
})
