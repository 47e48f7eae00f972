import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { FolderSource } from '../../platform/objects/day-folders.ts'
import type { LogEvent } from '../../platform/queues/log-group.ts'
import type { QueueMessage } from '../../platform/queues/sqs-queue.ts'
import { createDayReader, type TakeAll, type Taken } from './collect-days.ts'
import { createLogGroupCollector } from './collect-log-group.ts'
import { createQueueReader } from './collect-queue.ts'
import { createCollector } from './collector.ts'

// The ways through a source, over stores of keys in memory: what is asked for, what is taken in, what comes again.

const now = Date.parse('2026-11-24T12:00:00Z')
const clock = { now: () => now }
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const act = async () => ({ seq: 1 }) as never
const result = {
  kind: 'cloudtrail',
  fileId: '',
  records: 1,
  duplicates: 0,
  rejected: [],
  calls: 0,
  already: false,
} as const

function bucket(keys: readonly string[]): FolderSource & { readonly listed: string[] } {
  const listed: string[] = []
  const all = () => [...keys].sort()
  const objectOf = (key: string) => ({ key, bytes: 10, version: 'v1' })
  return {
    listed,
    origin: 's3://logs/AWSLogs/',
    async folders(prefix) {
      const below = prefix === '' ? 'AWSLogs/' : prefix
      const names = all().flatMap((key) => {
        const at = key.startsWith(below) ? key.indexOf('/', below.length) : -1
        return at === -1 ? [] : [key.slice(0, at + 1)]
      })
      return [...new Set(names)]
    },
    async *list(after = '', prefix = '') {
      listed.push(prefix)
      for (const key of all()) if (key.startsWith(prefix) && key > after) yield objectOf(key)
    },
    open: async () => Readable.from([]),
  }
}

function progress() {
  const kept = new Map<string, string>()
  return {
    progress: async (name: string) => kept.get(name),
    setProgress: async (name: string, value: string) => void kept.set(name, value),
  }
}

/** Takes objects one by one. */
const each = (take: (key: string) => boolean, otherwise: Taken = 'again'): TakeAll =>
  async function takeAll(objects) {
    let whole = true
    for await (const { key } of objects) if (!take(key)) whole = false
    return whole ? 'whole' : otherwise
  }

const trail = 'AWSLogs/111122223333/CloudTrail/us-east-1/'
const day = (text: string, n = 0) => `${trail}${text}/${n}.json.gz`

test('what is new comes first, older days follow the newest first, and digests are left to others', async () => {
  const keys = [
    day('2024/01/31'),
    day('2026/11/22'),
    day('2026/11/23'),
    day('2026/11/24'),
    'AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/24/d.json.gz',
  ]
  const source = bucket(keys)
  const taken: string[] = []
  const reader = createDayReader(
    { source, store: progress(), clock, takeAll: each((key) => taken.push(key) > 0) },
    'trail',
  )
  expect(await reader.run()).toEqual({ whole: true, from: Number.NEGATIVE_INFINITY })
  expect(taken).toEqual([day('2026/11/23'), day('2026/11/24'), day('2026/11/22'), day('2024/01/31')])
})

test('a later reader goes on where the one before was: only the last days are listed again', async () => {
  const store = progress()
  const keys = [day('2026/11/01'), day('2026/11/24')]
  await createDayReader({ source: bucket(keys), store, clock, takeAll: each(() => true) }, 'trail').run()
  const source = bucket([...keys, day('2026/11/24', 1)])
  const taken: string[] = []
  const again = createDayReader({ source, store, clock, takeAll: each((key) => taken.push(key) > 0) }, 'trail')
  await again.run()
  expect(taken).toEqual([day('2026/11/24'), day('2026/11/24', 1)])
})

test('a day that could not be read whole is read again before anything older', async () => {
  const store = progress()
  const source = bucket([day('2026/11/10'), day('2026/11/11'), day('2026/11/24')])
  let broken = true
  const taken: string[] = []
  const takeAll = each((key) => !(broken && key === day('2026/11/11')) && taken.push(key) > 0)
  const reader = createDayReader({ source, store, clock, takeAll }, 'trail')
  expect((await reader.run())?.from).toBe(Date.parse('2026-11-23T00:00:00Z'))
  broken = false
  expect((await reader.run())?.from).toBe(Number.NEGATIVE_INFINITY)
  expect(taken).toEqual([day('2026/11/24'), day('2026/11/24'), day('2026/11/11'), day('2026/11/10')])
})

test('a day with a file that is set aside keeps no older day waiting, and is read again by the next program', async () => {
  const store = progress()
  const source = bucket([day('2026/11/10'), day('2026/11/11'), day('2026/11/24')])
  let broken = true
  const taken: string[] = []
  const takeAll = each((key) => !(broken && key === day('2026/11/11')) && taken.push(key) > 0, 'set_aside')
  await createDayReader({ source, store, clock, takeAll }, 'trail').run()
  expect(taken).toEqual([day('2026/11/24'), day('2026/11/10')])
  broken = false
  const next = createDayReader({ source, store, clock, takeAll }, 'trail')
  await next.run()
  expect(taken.slice(2)).toEqual([day('2026/11/24'), day('2026/11/11')])
  await next.run()
  expect(taken.slice(4)).toEqual([day('2026/11/24')])
})

test('a source whose keys do not begin with a day is listed whole', async () => {
  const source = bucket(['AWSLogs/a.json', 'AWSLogs/b/c.json', 'AWSLogs/readme.txt'])
  const taken: string[] = []
  const collector = createCollector({
    source,
    ingest: async (_source, objects) => {
      taken.push(...objects.map(({ key }) => key))
      return objects.map(() => result)
    },
    seen: new Set(),
    logger,
    days: (takeAll) => createDayReader({ source, store: progress(), clock, takeAll }, 'x'),
  })
  expect(await collector.collect()).toEqual({ files: 2, whole: true, from: Number.NEGATIVE_INFINITY })
  expect(taken).toEqual(['AWSLogs/a.json', 'AWSLogs/b/c.json'])
  expect(collector.state()).toMatchObject({ files: 2, skipped: 1, failing: 0, backTo: null })
})

function message(id: string, body: unknown, receives = 1) {
  const deleted = { yes: false }
  const one: QueueMessage = {
    id,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    receives,
    whileBusy: (run) => run(),
    delete: async () => {
      deleted.yes = true
    },
  }
  return { one, deleted }
}
const created = (key: string, from = 'logs') => ({
  Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: from }, object: { key, size: 5, eTag: 'e' } } }],
})

function queueOf(messages: readonly QueueMessage[]) {
  const batches = [messages]
  return { receive: async () => batches.shift() ?? [] }
}

test('a message is deleted when what it names is in; one that fails comes again, and at last is set aside', async () => {
  const good = message('good', created('AWSLogs/a.json.gz'))
  const failing = message('failing', created('AWSLogs/broken.json.gz'), 2)
  const poison = message('poison', created('AWSLogs/broken.json.gz'), 5)
  const taken: string[] = []
  const reader = createQueueReader({
    queue: queueOf([good.one, failing.one, poison.one]),
    source: bucket([]),
    ingest: async (_source, { key }) => {
      if (key.includes('broken')) throw new TypeError('broken')
      taken.push(key)
      return result
    },
    act,
    logger,
  })
  expect(await reader.run()).toEqual({ files: 1, whole: false })
  expect(taken).toEqual(['AWSLogs/a.json.gz'])
  expect([good.deleted.yes, failing.deleted.yes, poison.deleted.yes]).toEqual([true, false, true])
  expect(reader.state()).toMatchObject({ setAside: 1, failing: 1 })
})

test('a message that names another place, or says nothing, is set aside at once and nothing is fetched for it', async () => {
  const elsewhere = message('elsewhere', created('AWSLogs/a.json.gz', 'somebody-elses'))
  const outside = message('outside', created('Other/a.json.gz'))
  const nonsense = message('nonsense', 'hello')
  const reader = createQueueReader({
    queue: queueOf([elsewhere.one, outside.one, nonsense.one]),
    source: bucket([]),
    ingest: async () => expect.unreachable(),
    act,
    logger,
  })
  expect(await reader.run()).toEqual({ files: 0, whole: true })
  expect(reader.state()).toMatchObject({ setAside: 3 })
})

test('a log group goes on where it was, takes what came late, and nothing twice', async () => {
  const events: LogEvent[] = [
    { id: '1', stream: 's', at: now - 60_000, message: '{"n":1}' },
    { id: '2', stream: 's', at: now - 30_000, message: '{"n":2}' },
  ]
  const asked: number[] = []
  const pages: string[] = []
  const store = progress()
  const collector = createLogGroupCollector({
    group: {
      async *read(since) {
        asked.push(since)
        yield events.filter(({ at }) => at >= since)
      },
    },
    origin: 'logs:us-east-1:bedrock',
    bodies: undefined,
    ingest: async (source, { key }) => {
      const parts: Buffer[] = []
      for await (const part of await source.open(key)) parts.push(Buffer.from(part))
      pages.push(Buffer.concat(parts).toString())
      return result
    },
    store,
    clock,
  })
  await collector.collect()
  events.push({ id: '0', stream: 's', at: now - 90_000, message: '{"n":0}' })
  await collector.collect()
  await collector.collect()
  expect(pages).toEqual(['{"n":1}\n{"n":2}\n', '{"n":0}\n'])
  expect(asked[1]).toBe(now - 30_000 - 120_000)
})
