import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localWrapper } from './key-wrapper.ts'
import { decodeRuns, encodeRuns, runsOf } from './piece-runs.ts'
import { openVault, type Vault } from './vault.ts'

const alice = 'p00000000000000000001'
const bob = 'p00000000000000000002'
const at = '2026-11-24T10:00:00.000Z'
const master = Buffer.alloc(32, 7)
let dir: string
let vault: Vault

const open = () => openVault({ dir, wrapper: localWrapper(master, randomBytes), random: randomBytes })
const home = (alias: string) => join(dir, 'people', alias.slice(0, 3), alias)
const shelf = (alias: string) => join(home(alias), '2026-11.shelf')

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'triptych-vault-'))
  vault = await open()
})
afterEach(async () => {
  await vault.close()
  rmSync(dir, { recursive: true, force: true })
})

async function put(owner: string, text: string, cuts: readonly number[] = []): Promise<string> {
  const intake = vault.newIntake()
  const ref = await intake.add({ owner, at, bytes: Buffer.from(text), cuts })
  await intake.finish()
  return ref
}

const read = async (ref: string, owner = alice) => (await vault.read(ref, owner)).toString()

test('any bodies, cut anywhere, are the same bytes when they are read, also by the next process', async () => {
  const body = fc.record({
    text: fc.string({ unit: fc.constantFrom('a', 'b', '{"', 'é'), maxLength: 60 }),
    at: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 8 }), async (bodies) => {
      const refs: string[] = []
      for (const { text, at: places } of bodies) {
        const length = Buffer.byteLength(text)
        const cuts = places.map((place) => Math.floor(place * length)).sort((a, b) => a - b)
        refs.push(await put(alice, text, cuts))
      }
      await vault.close()
      vault = await open()
      for (const [i, ref] of refs.entries()) expect(await read(ref)).toBe(bodies[i]?.text)
    }),
    { numRuns: 60 },
  )
})

test('what two bodies of one person and month share stands there once', async () => {
  const shared = randomBytes(50_000).toString('base64')
  await put(alice, `${shared}first`, [shared.length])
  const { size } = statSync(shelf(alice))
  const ref = await put(alice, `${shared}second`, [shared.length])
  expect(statSync(shelf(alice)).size - size).toBeLessThan(400)
  expect(await read(ref)).toBe(`${shared}second`)
  const again = await put(alice, `${shared}second`, [shared.length])
  expect(again).toBe(ref)
})

test('nobody else can be told to share it: the same bytes of another person are boxes of their own', async () => {
  const shared = randomBytes(5_000).toString('base64')
  const ref = await put(alice, shared)
  await put(bob, shared)
  expect(statSync(shelf(bob)).size).toBeGreaterThan(4_000)
  expect(readFileSync(shelf(bob)).equals(readFileSync(shelf(alice)))).toBe(false)
  await expect(vault.read(ref, 'p00000000000000000003')).rejects.toMatchObject({ code: 'VAULT_KEY_MISSING' })
})

test('no word of it is on the disk, and without the key file nothing of that month can be read', async () => {
  const ref = await put(alice, 'the launch code is 0000')
  for (const file of readdirSync(home(alice)))
    expect(readFileSync(join(home(alice), file)).includes('launch')).toBe(false)
  await vault.close()
  rmSync(join(home(alice), '2026-11.key'))
  vault = await open()
  await expect(vault.read(ref, alice)).rejects.toMatchObject({ code: 'VAULT_KEY_MISSING' })
})

test('a box that a crash cut off costs nothing: what was before is read, and what comes next too', async () => {
  const first = await put(alice, 'first')
  const { size } = statSync(shelf(alice))
  await put(alice, 'second'.repeat(50))
  await vault.close()
  truncateSync(shelf(alice), size + 40)
  appendFileSync(shelf(alice), randomBytes(20))
  vault = await open()
  const second = await put(alice, 'second'.repeat(50))
  expect(await read(first)).toBe('first')
  expect(await read(second)).toBe('second'.repeat(50))
  await vault.close()
  vault = await open()
  expect(await read(second)).toBe('second'.repeat(50))
})

test('one changed byte anywhere in a shelf is seen, and never read as something else', async () => {
  const ref = await put(alice, 'what was said', [5])
  await vault.close()
  const sound = readFileSync(shelf(alice))
  for (let place = 0; place < sound.length; place += 3) {
    const broken = Buffer.from(sound)
    broken.writeUInt8(broken.readUInt8(place) ^ 1, place)
    writeFileSync(shelf(alice), broken)
    const other = await open()
    await expect(other.read(ref, alice)).rejects.toMatchObject({ code: 'VAULT_UNREADABLE' })
    await other.close()
  }
})

test('a box whose head was spoiled costs itself: what stands behind it is read, and is not written over', async () => {
  await put(alice, 'first')
  const spoiled = statSync(shelf(alice)).size
  await put(alice, 'second')
  const third = await put(alice, 'third')
  await vault.close()
  const bytes = readFileSync(shelf(alice))
  bytes.writeUInt8(bytes.readUInt8(spoiled + 6) ^ 1, spoiled + 6)
  writeFileSync(shelf(alice), bytes)
  vault = await open()
  const fourth = await put(alice, 'fourth')
  expect(await read(third)).toBe('third')
  expect(await read(fourth)).toBe('fourth')
  expect(await read(await put(alice, 'second'))).toBe('second')
})

test('a shelf of another person or month is not taken for this one', async () => {
  const ref = await put(alice, 'of alice')
  await put(bob, 'of bob')
  await vault.close()
  writeFileSync(shelf(bob), readFileSync(shelf(alice)))
  vault = await open()
  await expect(vault.read(ref, bob)).rejects.toMatchObject({ code: 'VAULT_UNREADABLE' })
})

test('three hundred people at once: shelves are closed and opened again as they are needed', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `p${String(i).padStart(20, '0')}`)
  const refs = await Promise.all(names.map((name) => put(name, `of ${name}`)))
  for (const [i, name] of names.entries()) expect(await read(refs[i] ?? '', name)).toBe(`of ${name}`)
})

test('runs of piece numbers come back as they were, and other bytes are none', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 30)), (numbers) => {
      const back = (decodeRuns(encodeRuns(runsOf(numbers))) ?? []).flatMap(({ first, count }) =>
        Array.from({ length: count }, (_, i) => first + i),
      )
      expect(back).toEqual(numbers)
    }),
  )
  expect(decodeRuns(Buffer.from([0x80]))).toBeUndefined()
  expect(decodeRuns(Buffer.from([1]))).toBeUndefined()
})
