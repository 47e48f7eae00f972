import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { keepCheckpoint, keptCheckpoint } from './kept-checkpoint.ts'
import { checkNote, parseVerifierKey } from './signed-note.ts'
import { type Inputs, verifyReceipt } from './verify-receipt.ts'

// A ledger of two entries, made here with Node's own cryptography.

const hash = (...parts: readonly (string | Buffer)[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest()
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const raw = Buffer.concat([Buffer.of(1), publicKey.export({ format: 'der', type: 'spki' }).subarray(12)])
const origin = 'triptych.example/log'
const id = hash(`${origin}\n`, raw).subarray(0, 4)
const key = `${origin}+${id.toString('hex')}+${raw.toString('base64')}`

const record = '{"seq":1,"kind":"call.outcome","salt":"1234"}'
const entry = `{"commit":"${hash(record).toString('hex')}","seq":1,"source":"gw-01","type":"gateway.record","v":1}`
const leaf = (text: string) => hash(Buffer.of(0), text)
const sibling = leaf('{"another":"entry"}')
const root = hash(Buffer.of(1), leaf(entry), sibling)

function note(size: number, rootHash: Buffer): string {
  const text = `${origin}\n${size}\n${rootHash.toString('base64')}\n`
  const signature = sign(null, Buffer.from(text), privateKey)
  return `${text}\n— ${origin} ${Buffer.concat([id, signature]).toString('base64')}\n`
}

function receipt(extra: object = { entry, record }, checkpoint = note(2, root)): string {
  const base64 = Buffer.from(JSON.stringify(extra)).toString('base64')
  return `c2sp.org/tlog-proof@v1\nextra ${base64}\nindex 0\n${sibling.toString('base64')}\n\n${checkpoint}`
}

const inputs = (over: Partial<Inputs> = {}): Inputs => ({
  receipt: receipt(),
  key,
  kept: undefined,
  consistency: () => Promise.resolve([]),
  ...over,
})
const states = async (over: Partial<Inputs> = {}) => {
  const { checks, verified } = await verifyReceipt(inputs(over))
  return { verified, ...Object.fromEntries(checks.map(({ name, state }) => [name, state])) }
}

test('a sound receipt passes; what cannot be known here says so', async () => {
  expect(await states()).toEqual({
    verified: true,
    record: 'pass',
    inclusion: 'pass',
    signature: 'pass',
    consistency: 'not_checked',
    outside: 'not_checked',
  })
})

test('an entry given as an object is read as its canonical text', async () => {
  const { checks } = await verifyReceipt(inputs({ receipt: receipt({ entry: JSON.parse(entry), record }) }))
  expect(checks.find(({ name }) => name === 'inclusion')?.state).toBe('pass')
})

test('a changed record, entry, checkpoint or key fails on its own line', async () => {
  expect(await states({ receipt: receipt({ entry, record: `${record} ` }) })).toMatchObject({
    verified: false,
    record: 'fail',
    inclusion: 'pass',
  })
  const other = entry.replace('gw-01', 'gw-02')
  expect(await states({ receipt: receipt({ entry: other, record }) })).toMatchObject({
    verified: false,
    record: 'pass',
    inclusion: 'fail',
  })
  const forged = note(2, root).replace('\n2\n', '\n3\n')
  expect(await states({ receipt: receipt({ entry, record }, forged) })).toMatchObject({
    verified: false,
    signature: 'fail',
  })
  expect(await states({ key: 'nonsense' })).toMatchObject({ verified: false, signature: 'fail' })
})

test('every flipped bit of a receipt is noticed', async () => {
  const text = receipt()
  for (let at = 0; at < text.length; at += 7) {
    const flipped = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
    expect((await verifyReceipt(inputs({ receipt: flipped }))).verified, `at ${at}`).toBe(false)
  }
})

test('a ledger that does not continue what this browser saw fails, and so does another key', async () => {
  const kept = { origin, size: 1, root: new Uint8Array(leaf(entry)), seenAt: '2026-11-24T12:00:00Z', key }
  const proof = () => Promise.resolve([sibling.toString('base64')])
  expect(await states({ kept, consistency: proof })).toMatchObject({ verified: true, consistency: 'pass' })
  const rewritten = { ...kept, root: new Uint8Array(sibling) }
  expect(await states({ kept: rewritten, consistency: proof })).toMatchObject({ verified: false, consistency: 'fail' })
  expect(await states({ kept: { ...kept, key: 'other' } })).toMatchObject({ verified: false, consistency: 'fail' })
  expect(await states({ kept, consistency: () => Promise.reject(new TypeError('gone')) })).toMatchObject({
    consistency: 'not_checked',
  })
})

test('a checkpoint is kept and found again; what somebody else wrote there is not taken', () => {
  const stored = new Map<string, string>()
  const storage = {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, text: string) => stored.set(name, text),
  }
  expect(keptCheckpoint(storage)).toBeUndefined()
  keepCheckpoint(storage, { origin, size: 2, root: new Uint8Array(root) }, key, '2026-11-24T12:00:00Z')
  expect(keptCheckpoint(storage)).toMatchObject({ size: 2, origin })
  for (const name of stored.keys()) stored.set(name, '{"size":"many"}')
  expect(keptCheckpoint(storage)).toBeUndefined()
})

test('the key of the signed-note specification is read, and a wrong id is not', async () => {
  const text = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
  const parsed = await parseVerifierKey(text)
  expect(parsed).toMatchObject({ name: 'example.com/foo', id: '530d903a' })
  expect(await parseVerifierKey(text.replace('530d903a', '530d903b'))).toBeUndefined()
  expect(parsed === undefined ? '' : await checkNote('text\n\n— somebody.else AAAAAAAA\n', parsed)).toBe(
    'not_signed_by_key',
  )
})
