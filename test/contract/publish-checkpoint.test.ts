import { hash } from 'node:crypto'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessKeys, buckets } from '../../simulator/src/account/estate.ts'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import {
  type CheckpointTarget,
  directoryTarget,
  httpsTarget,
  s3Target,
} from '../../src/evidence/ledger/checkpoint-target.ts'
import { type Ledger, openLedger } from '../../src/evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../src/evidence/ledger/ledger-key.ts'
import { publishCheckpoint } from '../../src/evidence/ledger/publish-checkpoint.ts'
import { temporaryDir } from '../fakes/stand.ts'

// Two histories of one log, as a directory that was rolled back makes them, and the places that they are published to.

const dir = temporaryDir('publish')
const received = new Map<string, string>()
let account: Account
let server: Server
let s3: S3Client
let first: Ledger
let second: Ledger
let https = ''

const record = (seq: number, text: string) => ({
  source: 'gateway-gw01',
  seq,
  type: 'call.intent',
  commit: hash('sha256', text),
})

beforeAll(async () => {
  account = await startAccount({ dataDir: join(dir, 'simulator'), seed: 3 })
  s3 = new S3Client({
    region: 'us-east-1',
    endpoint: account.url,
    forcePathStyle: true,
    credentials: accessKeys.gateway,
    maxAttempts: 1,
  })
  server = createServer(async (request, response) => {
    const path = request.url ?? ''
    let text = ''
    for await (const chunk of request) text += String(chunk)
    if (request.method !== 'PUT') return void response.writeHead(403).end()
    if (request.headers['if-none-match'] === '*' && received.has(path)) return void response.writeHead(412).end()
    received.set(path, text)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  https = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const key = await loadLedgerKey(join(dir, 'key'), 'example.com/audit')
  first = await openLedger(join(dir, 'first'), key)
  await first.append([record(1, 'one')])
  cpSync(join(dir, 'first'), join(dir, 'second'), { recursive: true })
  second = await openLedger(join(dir, 'second'), key)
  await first.append([record(2, 'two')])
  await second.append([record(2, 'another two')])
})
afterAll(async () => {
  s3.destroy()
  server.close()
  await account.close()
  rmSync(dir, { recursive: true, force: true })
})

/** The same place, by somebody who may write and not read. */
function blind(target: CheckpointTarget): CheckpointTarget {
  return { ...target, read: () => Promise.resolve(undefined) }
}

const places: readonly (readonly [string, () => CheckpointTarget])[] = [
  ['a directory', () => directoryTarget(join(dir, 'outside'))],
  ['a bucket', () => s3Target(() => s3, `s3://${buckets.trail}/checkpoints`)],
  ['an address that takes only PUT', () => httpsTarget(`${https}/log`)],
]

test.each(places)(
  'in %s that cannot be read, no other root is written over a size that is taken',
  async (_name, of) => {
    const target = blind(of())
    await publishCheckpoint(first, target)
    await expect(publishCheckpoint(second, target)).rejects.toThrow(/LEDGER_FORKED.*size=2.*cannot be read/)
    // Nor at the next turn.
    await expect(publishCheckpoint(second, target)).rejects.toThrow('LEDGER_FORKED')
    const there = await of().read('checkpoints/2')
    if (there !== undefined) expect(there).toBe(first.latest().note)
    else expect(received.get('/log/checkpoints/2')).toBe(first.latest().note)
  },
)

test('a place that can be read takes the same checkpoint twice, also from another process', async () => {
  const target = directoryTarget(join(dir, 'twice'))
  await publishCheckpoint(first, target)
  await publishCheckpoint(first, target)
  await expect(publishCheckpoint(second, target)).rejects.toThrow(/LEDGER_FORKED.*another root/)
})

test('what failed behind its size is published again by the same process, although nothing can be read there', async () => {
  const target = blind(httpsTarget(`${https}/again`))
  const own = { note: '' }
  const failing: CheckpointTarget = { ...target, write: () => Promise.reject(new RangeError('the network')) }
  await expect(publishCheckpoint(first, failing, own)).rejects.toThrow('the network')
  await publishCheckpoint(first, target, own)
  expect(received.get('/again/checkpoint')).toBe(first.latest().note)
})

test('what is put under a size between reading and writing is not overwritten', async () => {
  const place = join(dir, 'raced')
  const target = directoryTarget(place)
  await publishCheckpoint(first, target)
  rmSync(join(place, 'checkpoint'))
  let reads = 0
  // The other one is quicker: this one saw nothing there.
  const raced: CheckpointTarget = {
    ...target,
    read: (name) => (name.startsWith('checkpoints/') && reads++ === 0 ? Promise.resolve(undefined) : target.read(name)),
  }
  await expect(publishCheckpoint(second, raced)).rejects.toThrow(/LEDGER_FORKED.*another root/)
  expect(readFileSync(join(place, 'checkpoints', '2'), 'utf8')).toBe(first.latest().note)
})
