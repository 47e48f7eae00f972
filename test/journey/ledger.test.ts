import { hash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { basename, dirname, join, relative } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { buckets } from '../../simulator/src/account/estate.ts'
import { callsSchema } from '../../src/app/api/schema/call.ts'
import { proofSchema } from '../../src/app/api/schema/ledger.ts'
import { writeReceipt } from '../../src/app/cli/commands/prove.ts'
import { type VerifyOptions, verifyCommand, verifyReceiptCommand } from '../../src/app/cli/commands/verify.ts'
import { connectHub, type HubClient } from '../../src/app/cli/hub-client.ts'
import { startHub } from '../../src/app/compose/hub.ts'
import { openHub } from '../../src/app/compose/open-hub.ts'
import { checkConfig } from '../../src/app/config.ts'
import { proveCall } from '../../src/app/ledger/prove-call.ts'
import { openLedger } from '../../src/evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../src/evidence/ledger/ledger-key.ts'
import { partialTiles, tilePath } from '../../src/evidence/ledger/tile-path.ts'
import { listCalls } from '../../src/evidence/store/queries/list-calls.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { journalOf, rawStandConfig, type Stand, startStand, temporaryDir } from '../fakes/stand.ts'

// A real data directory, made by gateway, simulated account and hub; then somebody changes it.

let stand: Stand
let client: HubClient
let outside: string
let received: Map<string, string>
let collector: Server
let place: string
const copies = temporaryDir('ledger-copies')
let copied = 0

async function call(): Promise<void> {
  const answer = await fetch(
    `${stand.gateway.url}/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke-with-response-stream`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${await stand.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        anthropic_version: 'bedrock-2023-05-31',
        max_tokens: 200,
        messages: [{ role: 'user', content: 'hello' }],
      }),
    },
  )
  await answer.arrayBuffer()
}

beforeAll(async () => {
  outside = join(temporaryDir('ledger-outside'), 'kept')
  received = new Map()
  collector = createServer(async (request, response) => {
    const path = request.url ?? ''
    if (request.method === 'PUT') {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      received.set(path, text)
      response.end()
      return
    }
    response.statusCode = received.has(path) ? 200 : 404
    response.end(received.get(path))
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const address = collector.address()
  place = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/triptych`
  stand = await startStand({
    ledger: {
      origin: 'example.com/audit',
      publish: [
        { directory: outside, every: '1ms' },
        { s3: `s3://${buckets.trail}/checkpoints-of-triptych`, every: '1ms' },
        { https: place, every: '1ms' },
      ],
    },
  })
  const hub = await stand.startHub()
  await hub.runOnce()
  for (let i = 0; i < 6; i++) await call()
  stand.account.deliverAll()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await hub.runOnce()
  await hub.runOnce()
  client = await connectHub(stand.config)
  // A hub that runs and appends is no obstacle.
  const meanwhile = Promise.all([hub.runOnce(), call(), hub.runOnce()])
  expect((await verify(stand.dataDir)).fault).toBe(null)
  await meanwhile
  await proveAll()
  await client.close()
  await stand.gateway.close()
  await hub.close()
})
afterAll(async () => {
  await stand.close()
  collector.close()
  for (const dir of [copies, dirname(outside)]) rmSync(dir, { recursive: true, force: true })
})

const receipts = new Map<string, string>()

async function proveAll(): Promise<void> {
  const { calls } = callsSchema.parse(await client.get('/calls?limit=1000&verdict=corroborated'))
  const withContent = calls.find((one) => one.seen.content)
  for (const record of ['intent', 'outcome', 'access', 'content']) {
    const answer = proofSchema.parse(await client.get(`/calls/${withContent?.callId}/proof?as=json&record=${record}`))
    receipts.set(record, answer.proof)
  }
  const bare = await client.get(`/calls/${withContent?.callId}/proof?as=json`)
  expect(proofSchema.parse(bare).record).toBe('outcome')
  await expect(client.get(`/calls/${withContent?.callId}/proof?record=nothing`)).rejects.toThrow('QUERY_INVALID')
  await expect(client.get('/calls/00000000-0000-0000/proof')).rejects.toThrow('RESOURCE_NOT_FOUND')
}

const key = () => readFileSync(join(stand.dataDir, 'ledger', 'log.vkey'), 'utf8').trim()

async function run(use: (screen: { write(text: string): void; colour: boolean; width: number }) => Promise<number>) {
  let output = ''
  const write = (text: string) => {
    output += text
  }
  const code = await use({ write, colour: false, width: 200 })
  return { code, output }
}

async function verify(dir: string, checkpoints: readonly string[] = [], pinned: string | undefined = undefined) {
  return verifyWith({ dir, key: pinned, checkpoints, json: true })
}

async function verifyWith(options: VerifyOptions) {
  const { code, output } = await run((screen) => verifyCommand(options, screen, systemClock))
  const answer = JSON.parse(output)
  expect(code).toBe(answer.ok ? 0 : 1)
  return answer
}

function copyOf(dir: string): string {
  const copy = join(copies, String(++copied))
  cpSync(dir, copy, { recursive: true, filter: (path) => !/\/(store|simulator|vault)$|\.sock$/.test(path) })
  return copy
}

test('an untouched directory verifies, and the answer says what it does not prove', async () => {
  const found = await verify(stand.dataDir)
  expect(found).toMatchObject({
    ok: true,
    origin: 'example.com/audit',
    withRecords: true,
    keyPinned: false,
    fault: null,
  })
  expect(found.journals.map((journal: { source: string }) => journal.source)).toEqual(['gateway-gw01', 'hub'])
  expect(found.files.checked).toBeGreaterThan(1)
  const records = (await journalOf(stand.dataDir)).length + (await journalOf(stand.dataDir, 'hub')).length
  const counted = found.journals.reduce(
    (sum: number, one: { records: number; backlog: number }) => sum + one.records + one.backlog,
    0,
  )
  expect(counted).toBe(records)
  expect(found.notProven.join('\n')).toMatch(
    /key not pinned[\s\S]*rollback of the whole directory[\s\S]*went out \d+ s ago[\s\S]*never journalled/,
  )
  const pinned = await verify(stand.dataDir, [join(outside, 'checkpoint')], key())
  expect(pinned.notProven.join('\n')).not.toMatch(/key not pinned|rollback/)
  const { code, output } = await run((screen) =>
    verifyCommand({ dir: stand.dataDir, key: undefined, checkpoints: [], json: false }, screen, systemClock),
  )
  expect({ code, output }).toMatchObject({
    code: 0,
    output: expect.stringMatching(/✓ [\d,]+ entries lead to the signed root[\s\S]*not proven by this/),
  })
  const alone = { dir: '/nowhere', log: join(stand.dataDir, 'ledger'), key: undefined, checkpoints: [], json: true }
  expect(await verifyWith(alone)).toMatchObject({ ok: true, withRecords: false })
})

test('a key that cannot be read is said to be that, and a receipt is never written over', async () => {
  const missing = { dir: stand.dataDir, key: join(stand.dataDir, 'no.vkey'), checkpoints: [], json: false }
  await expect(verifyWith(missing)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', facts: { reason: 'ENOENT' } })
  const receipt = join(stand.dataDir, 'kept.tlog-proof')
  writeFileSync(receipt, 'an older receipt')
  await expect(writeReceipt(receipt, 'another')).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  expect(readFileSync(receipt, 'utf8')).toBe('an older receipt')
  rmSync(receipt)
})

test('a log that is served verifies as the one on disk', async () => {
  const served = createServer((request, response) => {
    try {
      response.end(readFileSync(join(stand.dataDir, 'ledger', request.url ?? '')))
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => served.listen(0, '127.0.0.1', resolve))
  const address = served.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
  const { code, output } = await run((screen) =>
    verifyCommand(
      { dir: '/nowhere', url, key: key(), checkpoints: [join(outside, 'checkpoint')], json: true },
      screen,
      systemClock,
    ),
  )
  served.close()
  expect(code).toBe(0)
  expect(JSON.parse(output)).toMatchObject({ ok: true, withRecords: false, keyPinned: true })
})

test('every kind of receipt verifies by itself with the key, and altered it does not', async () => {
  const dir = temporaryDir('receipts')
  for (const [record, text] of receipts) {
    const file = join(dir, `${record}.tlog-proof`)
    const check = async (receipt: string) => {
      writeFileSync(file, receipt)
      return run((screen) =>
        verifyReceiptCommand(file, { dir: '/nowhere', key: key(), checkpoints: [], json: true }, screen),
      )
    }
    const good = await check(text)
    expect(good.code, record).toBe(0)
    const [, extra = ''] = /^extra (.*)$/m.exec(text) ?? []
    const { entry, record: kept } = JSON.parse(Buffer.from(extra, 'base64').toString('utf8'))
    const withExtra = (value: object) => text.replace(extra, Buffer.from(JSON.stringify(value)).toString('base64'))
    const bad = [
      withExtra({ entry, record: kept.replace('"v":1', '"v": 1') }),
      withExtra({ entry: entry.replace('"seq":', '"seq":1'), record: kept }),
      text.replace(/^index (\d+)$/m, (_, index) => `index ${Number(index) + 1}`),
      text.replace(/\n(\d+)\n([A-Za-z0-9+/=]{44})\n\n—/, (_, size, root) => `\n${Number(size) + 1}\n${root}\n\n—`),
    ]
    for (const receipt of bad) expect((await check(receipt)).code, receipt).toBe(1)
    await expect(check('nothing')).rejects.toThrow('LEDGER_PROOF_INVALID')
    await expect(check(text.replace(`extra ${extra}\n`, ''))).rejects.toThrow('LEDGER_PROOF_INVALID')
  }
  rmSync(dir, { recursive: true })
})

const segment = (dir: string, source = 'gateway-gw01') => join(dir, 'journal', source, '000000000001.jsonl')
const editLines = (change: (lines: string[]) => string[]) => (dir: string) => {
  const path = segment(dir)
  writeFileSync(path, change(readFileSync(path, 'utf8').split('\n')).join('\n'))
}
/** Writes a line behind the last one, made of it. */
const appendLine = (make: (last: string) => string) => (dir: string) => {
  const lines = readFileSync(segment(dir), 'utf8').trimEnd().split('\n')
  writeFileSync(segment(dir), `${[...lines, make(lines.at(-1) ?? '')].join('\n')}\n`)
}
/** The record that would come next. */
const nextRecord = (last: string, change: object = {}) => {
  const { seq, ...rest } = JSON.parse(last)
  const next = { ...rest, seq: seq + 1, at: new Date(Date.now() - 3 * 86_400_000).toISOString() }
  return JSON.stringify({ ...next, prev: hash('sha256', last), ...change })
}
const archived = (dir: string, kind: string) => {
  const root = join(dir, 'archive', kind)
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.provenance.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
const rewrite = (path: string, bytes: string | Buffer) => {
  rmSync(path)
  writeFileSync(path, bytes)
}
const firstFile = (dir: string) => archived(dir, 'cloudtrail')[0] ?? ''

const changes: readonly (readonly [name: string, change: (dir: string) => void, kind: string, says: RegExp])[] = [
  [
    'a changed record',
    editLines((lines) => lines.with(3, lines[3]?.replace('"at":"2', '"at":"1') ?? '')),
    'altered',
    /record 4 of gateway-gw01 .* line 4 of journal\/gateway-gw01\/000000000001/,
  ],
  ['a record taken out', editLines((lines) => lines.toSpliced(4, 1)), 'missing', /record 5 of gateway-gw01/],
  [
    'two records exchanged',
    editLines((lines) => lines.with(4, lines[5] ?? '').with(5, lines[4] ?? '')),
    'reordered',
    /record 5 of gateway-gw01/,
  ],
  ['a record twice', editLines((lines) => lines.toSpliced(6, 0, lines[4] ?? '')), 'repeated', /line 7 of journal/],
  [
    'a record added',
    editLines((lines) => lines.toSpliced(5, 0, lines[4]?.replace('"at":"2', '"at":"1') ?? '')),
    'inserted',
    /line 6 of journal/,
  ],
  [
    'a journal cut off',
    editLines((lines) => [...lines.slice(0, -5), '']),
    'truncated',
    /journal of gateway-gw01 is truncated/,
  ],
  [
    'a journal removed',
    (dir) => rmSync(join(dir, 'journal', 'gateway-gw01'), { recursive: true }),
    'truncated',
    /before record 1,/,
  ],
  [
    'a record taken out of a directory that was dressed up as a bare log',
    (dir) => {
      editLines((lines) => lines.toSpliced(4, 1))(dir)
      for (const name of ['checkpoint', 'log.vkey']) cpSync(join(dir, 'ledger', name), join(dir, name))
      symlinkSync(join(dir, 'ledger', 'tile'), join(dir, 'tile'))
    },
    'missing',
    /record 5 of gateway-gw01/,
  ],
  [
    'a data directory whose log was moved to its top, without records',
    (dir) => {
      for (const name of readdirSync(join(dir, 'ledger'))) renameSync(join(dir, 'ledger', name), join(dir, name))
      writeFileSync(join(dir, 'ledger', 'log.vkey'), key())
      for (const name of ['journal', 'archive']) rmSync(join(dir, name), { recursive: true })
    },
    'missing',
    /no checkpoint/,
  ],
  [
    'a line behind the last entry that is no record',
    appendLine(() => 'anything'),
    'inserted',
    /behind its last entry \(inserted\): line \d+ of journal\/gateway-gw01\/\S+ is no record/,
  ],
  [
    'a copied record with a number far behind the last entry',
    appendLine((last) => last.replace(/"seq":\d+/, '"seq":9000001')),
    'missing',
    /steps over records \d+ to 9000000/,
  ],
  [
    'a next record that does not follow the last entry',
    appendLine((last) => nextRecord(last, { prev: '0'.repeat(64) })),
    'altered',
    /does not follow the record before it/,
  ],
  [
    'a next record of another source',
    appendLine((last) => nextRecord(last, { source: 'gateway-gw02' })),
    'inserted',
    /is no record of it/,
  ],
  ['a changed file', (dir) => rewrite(firstFile(dir), Buffer.alloc(10, 1)), 'altered', /archive\/cloudtrail/],
  ['a removed file', (dir) => rmSync(firstFile(dir)), 'missing', /archive\/cloudtrail/],
  [
    'a file removed with its provenance',
    (dir) => [firstFile(dir), `${firstFile(dir)}.provenance.json`].map((path) => rmSync(path)),
    'missing',
    /file.cloudtrail/,
  ],
  [
    'a changed provenance',
    (dir) =>
      rewrite(
        `${firstFile(dir)}.provenance.json`,
        readFileSync(`${firstFile(dir)}.provenance.json`, 'utf8').replace('s3://', 's4://'),
      ),
    'missing',
    /file.cloudtrail\) is missing with its provenance; archive\/cloudtrail\/\S+ may be what it became/,
  ],
  [
    'a provenance that is none any more',
    (dir) => rewrite(`${firstFile(dir)}.provenance.json`, '{}'),
    'altered',
    /provenance of archive\/cloudtrail/,
  ],
  [
    'a removed file beside one of another kind that waits',
    (dir) => {
      for (const path of [firstFile(dir), `${firstFile(dir)}.provenance.json`]) rmSync(path)
      mkdirSync(join(dir, 'archive', 'flowlogs', '2026'), { recursive: true })
      writeFileSync(join(dir, 'archive', 'flowlogs', '2026', 'waiting'), 'waiting')
    },
    'missing',
    /file.cloudtrail\) is missing with its provenance$/,
  ],
  [
    'a directory of files that was moved',
    (dir) => renameSync(join(dir, 'archive', 'cloudtrail'), join(dir, 'archive', 'old')),
    'missing',
    /^archive\/cloudtrail\/\S+ is missing: what entry \d+ commits to was moved to archive\/old\//,
  ],
  [
    'one file that was moved with its provenance',
    (dir) => {
      const file = firstFile(dir)
      const aside = join(dir, 'archive', 'cloudtrail', 'aside', basename(file))
      mkdirSync(dirname(aside))
      for (const end of ['', '.provenance.json']) renameSync(file + end, aside + end)
    },
    'missing',
    /was moved to archive\/cloudtrail\/aside\//,
  ],
  [
    'two files exchanged',
    (dir) => {
      const [a, b] = [firstFile(dir), archived(dir, 'invocations')[0] ?? '']
      renameSync(a, `${a}.x`)
      renameSync(b, a)
      renameSync(`${a}.x`, b)
    },
    'altered',
    /archive\/(cloudtrail|invocations)/,
  ],
  ['a removed checkpoint', (dir) => rmSync(join(dir, 'ledger', 'checkpoint')), 'missing', /no checkpoint/],
  [
    'a checkpoint of another size',
    (dir) =>
      rewrite(
        join(dir, 'ledger', 'checkpoint'),
        readFileSync(join(dir, 'ledger', 'checkpoint'), 'utf8').replace(
          /\n(\d+)\n/,
          (_, size) => `\n${Number(size) - 1}\n`,
        ),
      ),
    'altered',
    /the key did not sign it/,
  ],
  [
    'no entries',
    (dir) => rmSync(join(dir, 'ledger', 'tile', 'entries'), { recursive: true }),
    'truncated',
    /tile\/entries/,
  ],
  ['no hashes', (dir) => rmSync(join(dir, 'ledger', 'tile', '0'), { recursive: true }), 'missing', /tile\/0/],
]

test.each(changes)('%s is found, named and placed', async (_name, change, kind, says) => {
  const dir = copyOf(stand.dataDir)
  change(dir)
  const { ok, fault } = await verify(dir)
  expect({ ok, fault }).toMatchObject({ ok: false, fault: { kind, says: expect.stringMatching(says) } })
})

test('records that follow the last entry are backlog, no fault, and the answer says how old the oldest is', async () => {
  const dir = copyOf(stand.dataDir)
  appendLine((last) => nextRecord(last))(dir)
  const { ok, journals, notProven } = await verify(dir)
  expect({ ok, journal: journals[0] }).toMatchObject({ ok: true, journal: { source: 'gateway-gw01', backlog: 1 } })
  expect(notProven.join('\n')).toMatch(
    /backlog, not a fault: \d+ records .*; the oldest was written 3 days ago[\s\S]*the vault: .*\n.*the tables: /,
  )
})

test('any bytes flipped, deleted or exchanged in a file that the checkpoint covers are found, in that file', async () => {
  const dir = copyOf(stand.dataDir)
  const note = readFileSync(join(dir, 'ledger', 'checkpoint'), 'utf8')
  const size = Number(note.split('\n')[1])
  const current = new Set(
    partialTiles(size).flatMap((tile) => [
      tilePath(tile),
      ...(tile.level === 0 ? [tilePath({ ...tile, level: 'entries' })] : []),
    ]),
  )
  const covered = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .filter((file) => /^(journal|archive|ledger\/tile)\//.test(file) || file === 'ledger/checkpoint')
    // Partial tiles of earlier checkpoints are not what this one covers.
    .filter((file) => !file.includes('.p/') || current.has(file.slice('ledger/'.length)))
    // What the hub wrote when its last entry was made is backlog.
    .filter((file) => !file.startsWith('journal/hub'))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...covered),
      fc.constantFrom('flip', 'delete', 'swap'),
      fc.nat(),
      fc.nat(),
      async (file, how, a, b) => {
        const path = join(dir, file)
        const before = readFileSync(path)
        const after = damaged(before, how, a, b)
        fc.pre(after !== undefined && !after.equals(before))
        rewrite(path, after)
        try {
          const { ok, fault } = await verify(dir, [], key())
          expect({ file, ok, fault }).toMatchObject({ ok: false })
          const named = file.replace('.provenance.json', '')
          if (named === file || !file.startsWith('archive'))
            expect(JSON.stringify(fault)).toContain(named.replace('ledger/', '').split('/').slice(0, 3).join('/'))
        } finally {
          rewrite(path, before)
        }
      },
    ),
    { numRuns: 120 },
  )
  expect((await verify(dir)).ok).toBe(true)
})

function damaged(before: Buffer, how: string, a: number, b: number): Buffer | undefined {
  const at = a % before.length
  const length = 1 + (b % 40)
  const end = Math.min(before.length, at + length)
  if (how === 'delete') return Buffer.concat([before.subarray(0, at), before.subarray(end)])
  const after = Buffer.from(before)
  if (how === 'flip') {
    after[at] = (after[at] ?? 0) ^ (1 << (b % 8))
    return after
  }
  const other = b % before.length
  const [x, y] = [before[at] ?? 0, before[other] ?? 0]
  after[at] = y
  after[other] = x
  return after
}

test('checkpoints stand outside in all three places, under their size and as the latest', async () => {
  const sizes = readdirSync(join(outside, 'checkpoints'))
  expect(sizes.length).toBeGreaterThan(0)
  const latest = readFileSync(join(outside, 'checkpoint'), 'utf8')
  expect(readFileSync(join(outside, 'checkpoints', latest.split('\n')[1] ?? ''), 'utf8')).toBe(latest)
  expect(received.get('/triptych/checkpoint')).toContain('example.com/audit')
  const { published } = await verify(stand.dataDir)
  expect(published.map((one: { kind: string }) => one.kind)).toEqual(['directory', 's3', 'https'])
  const kept = sizes.map((size) => join(outside, 'checkpoints', size))
  expect((await verify(stand.dataDir, kept)).ok).toBe(true)
})

test('a place that does not answer, or holds something else, is shown and left alone; the hub goes on', async () => {
  const dir = copyOf(stand.dataDir)
  const foreign = join(copies, 'foreign')
  mkdirSync(foreign)
  writeFileSync(join(foreign, 'checkpoint'), 'not ours\n')
  const publish = [
    { https: 'http://127.0.0.1:1/nobody', every: '1ms' },
    { directory: foreign, every: '1ms' },
  ]
  const config = checkConfig(rawStandConfig(dir, stand.account, { ledger: { origin: 'example.com/audit', publish } }))
  const hub = await startHub(config, systemClock, stand.logger)
  await hub.runOnce()
  const answering = await connectHub(config)
  const failed = { size: null, at: null, error: 'LEDGER_UNPUBLISHED' }
  await vi.waitFor(async () =>
    expect(await answering.get('/status')).toMatchObject({
      ledger: {
        error: '',
        published: [
          { kind: 'https', ...failed },
          { kind: 'directory', ...failed },
        ],
      },
    }),
  )
  await hub.close()
  expect(readFileSync(join(foreign, 'checkpoint'), 'utf8')).toBe('not ours\n')
  const wrong = (publish: object) => () =>
    checkConfig(rawStandConfig(dir, stand.account, { ledger: { publish: [publish] } }))
  for (const place of [{}, { https: 'http://audit.example.com/x' }, { s3: 's3://bucket/x', directory: './x' }])
    expect(wrong(place)).toThrow('CONFIG_INVALID')
})

test('an idle hub stops publishing: its own publications are nothing new; at shutdown every place gets what it has not', async () => {
  const dir = copyOf(stand.dataDir)
  const [often, seldom] = [join(copies, 'often'), join(copies, 'seldom')]
  const publish = [
    { directory: often, every: '1ms' },
    { directory: seldom, every: '1h' },
  ]
  const raw = rawStandConfig(dir, stand.account, { ledger: { origin: 'example.com/audit', publish } })
  const config = checkConfig({ ...raw, estate: { regions: ['us-east-1'], every: '1h' } })
  const hub = await startHub(config, systemClock, stand.logger)
  const runs = async (times: number) => {
    for (let i = 0; i < times; i++) {
      await hub.runOnce()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const sizeIn = (place: string) => Number(readFileSync(join(place, 'checkpoint'), 'utf8').split('\n')[1])
  await runs(3)
  const [published, first] = [readdirSync(join(often, 'checkpoints')), sizeIn(seldom)]
  await runs(4)
  expect(readdirSync(join(often, 'checkpoints'))).toEqual(published)
  expect(sizeIn(seldom)).toBe(first)
  await hub.close()
  expect(sizeIn(often)).toBeGreaterThan(first)
  expect(sizeIn(seldom)).toBe(sizeIn(often))
})

test('a directory rolled back to yesterday is found with a later checkpoint, is said to be unfindable without, and covers no traces outside', async () => {
  const yesterday = copyOf(stand.dataDir)
  const today = copyOf(stand.dataDir)
  const config = {
    ...rawStandConfig(today, stand.account, {
      ledger: { origin: 'example.com/audit', publish: [{ directory: outside, every: '1ms' }] },
    }),
  }
  const hub = await startHub(checkConfig(config), systemClock, stand.logger)
  await hub.runOnce()
  await hub.close()
  const later = join(copies, 'later')
  cpSync(join(outside, 'checkpoint'), later)

  const found = await verify(yesterday, [later])
  expect(found.fault).toMatchObject({
    kind: 'truncated',
    says: expect.stringMatching(/truncated or rolled back: it has \d+ entries/),
  })
  const without = await verify(yesterday)
  expect(without.ok).toBe(true)
  expect(without.notProven.join('\n')).toMatch(
    /no checkpoint from outside was given: a rollback of the whole directory.*could not be found/,
  )

  // The hub goes on in the rolled back directory: its new checkpoints do not replace those outside.
  const rolledBack = await startHub(checkConfig({ ...config, dataDir: yesterday }), systemClock, stand.logger)
  await rolledBack.runOnce()
  await rolledBack.close()
  expect(readFileSync(join(outside, 'checkpoint'), 'utf8')).toBe(readFileSync(later, 'utf8'))
  const acts = await journalOf(yesterday, 'hub')
  expect(acts.some((line) => line.type === 'ledger.forked')).toBe(true)
})

test('a journal rewritten below its entries is said loudly, and what comes after is taken all the same', async () => {
  const dir = copyOf(stand.dataDir)
  // A whole journal, chained anew, as its owner could write it: only the last record is another.
  const path = segment(dir)
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  writeFileSync(path, `${[...lines.slice(0, -1), lines.at(-1)?.replace('"at":"2', '"at":"1')].join('\n')}\n`)
  const config = checkConfig(rawStandConfig(dir, stand.account, { ledger: { origin: 'example.com/audit' } }))
  const before = Number(readFileSync(join(dir, 'ledger', 'checkpoint'), 'utf8').split('\n')[1])
  const hub = await startHub(config, systemClock, stand.logger)
  await hub.runOnce()
  const status = await (await connectHub(config)).get('/status')
  expect(status).toMatchObject({
    ledger: { error: 'LEDGER_CONFLICT', size: expect.any(Number), backlog: { records: expect.any(Number), files: 0 } },
  })
  await hub.close()
  const acts = await journalOf(dir, 'hub')
  expect(acts.find((line) => line.type === 'ledger.conflict')?.body).toEqual({
    source: 'gateway-gw01',
    seq: lines.length,
  })
  const after = await verify(dir)
  expect(after.size).toBeGreaterThan(before)
  expect(after.fault).toMatchObject({ kind: 'altered', source: 'gateway-gw01', seq: lines.length })
})

test('what is kept and is less than was entered, even nothing, is an open conflict, said once for each source however often the hub looks', async () => {
  const dir = copyOf(stand.dataDir)
  rmSync(join(dir, 'journal', 'gateway-gw01'), { recursive: true })
  // The hub's own journal goes on with numbers that are entries: each of its acts contradicts one.
  const own = segment(dir, 'hub')
  writeFileSync(own, `${readFileSync(own, 'utf8').trimEnd().split('\n').slice(0, 3).join('\n')}\n`)
  const config = checkConfig(rawStandConfig(dir, stand.account, { ledger: { origin: 'example.com/audit' } }))
  const hub = await startHub(config, systemClock, stand.logger)
  for (let i = 0; i < 4; i++) await hub.runOnce()
  expect(await (await connectHub(config)).get('/status')).toMatchObject({ ledger: { error: 'LEDGER_CONFLICT' } })
  await hub.close()
  const acts = (await journalOf(dir, 'hub')).filter((line) => line.type === 'ledger.conflict').map(({ body }) => body)
  expect(acts.map(({ source }) => source).sort()).toEqual(['gateway-gw01', 'hub'])
  expect(acts).toContainEqual({ source: 'gateway-gw01', seq: 1 })
})

test('a hole in a journal stays a hole in the ledger: what comes behind is taken, the others go on, and verify says what is missing', async () => {
  const dir = copyOf(stand.dataDir)
  const path = segment(dir)
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const behind = JSON.parse(lines.at(-1) ?? '')
  writeFileSync(path, `${[...lines, JSON.stringify({ ...behind, seq: behind.seq + 4 })].join('\n')}\n`)
  const hub = await startHub(
    checkConfig(rawStandConfig(dir, stand.account, { ledger: { origin: 'example.com/audit' } })),
    systemClock,
    stand.logger,
  )
  await hub.runOnce()
  await hub.close()
  const found = await verify(dir)
  expect(found.faultCount).toBe(1)
  expect(found.fault).toMatchObject({
    kind: 'missing',
    seq: behind.seq + 1,
    says: expect.stringContaining(
      `records ${behind.seq + 1} to ${behind.seq + 3} of gateway-gw01 are missing from the ledger`,
    ),
  })
  expect(found.journals).toContainEqual({ source: 'gateway-gw01', records: lines.length + 1, backlog: 0, oldest: null })
})

test('a ledger that does not lead to its checkpoint is left as it is; the hub says so and goes on without', async () => {
  const dir = copyOf(stand.dataDir)
  rmSync(join(dir, 'ledger', 'tile', '0'), { recursive: true })
  const config = checkConfig(rawStandConfig(dir, stand.account, { ledger: { origin: 'example.com/audit' } }))
  const note = readFileSync(join(dir, 'ledger', 'checkpoint'), 'utf8')
  const hub = await startHub(config, systemClock, stand.logger)
  await hub.runOnce()
  const broken = await connectHub(config)
  expect(await broken.get('/status')).toMatchObject({ ledger: { error: 'LEDGER_BROKEN' } })
  await hub.close()
  expect(readFileSync(join(dir, 'ledger', 'checkpoint'), 'utf8')).toBe(note)
  const other = checkConfig(
    rawStandConfig(copyOf(stand.dataDir), stand.account, { ledger: { origin: 'example.com/renamed' } }),
  )
  await expect(startHub(other, systemClock, stand.logger)).rejects.toThrow(/CONFIG_INVALID.*ledger.origin/)
})

test('a record that is no entry yet has no receipt, and the answer says so', async () => {
  const dir = copyOf(stand.dataDir)
  cpSync(join(stand.dataDir, 'store'), join(dir, 'store'), { recursive: true })
  cpSync(join(stand.dataDir, 'vault'), join(dir, 'vault'), { recursive: true })
  const parts = await openHub(
    checkConfig(rawStandConfig(dir, stand.account, { ledger: { origin: 'example.com/audit' } })),
    systemClock,
    stand.logger,
  )
  mkdirSync(join(dir, 'empty'))
  const empty = await openLedger(
    join(dir, 'empty', 'ledger'),
    await loadLedgerKey(join(dir, 'empty', 'key'), undefined),
  )
  const window = { since: 0, until: Date.now() + 1000 }
  const [one] = await listCalls(
    parts.engine,
    { window, filters: { verdict: { is: ['corroborated'], not: [] } }, limit: 1 },
    'test',
  )
  if (one === undefined) throw new RangeError('no call')
  for (const record of ['intent', 'outcome', 'access'] as const)
    await expect(proveCall({ ...parts, ledger: () => empty }, one, record)).rejects.toThrow('LEDGER_BACKLOG')
  await parts.close()
})
