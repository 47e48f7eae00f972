import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type EventStream, LiveFeed, liveWord } from './live-feed.ts'

class Stream implements EventStream {
  readonly listeners = new Map<string, (event: MessageEvent<string>) => void>()
  closed = false
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.listeners.set(type, listener)
  }
  close() {
    this.closed = true
  }
  say(type: string, data: unknown = {}) {
    this.listeners.get(type)?.({ data: JSON.stringify(data) } as MessageEvent<string>)
  }
}

const beat = (at: string, lastRunAt: string) => ({
  at,
  lastRunAt,
  completeUntil: { access: null, gateway: null, content: null },
})

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the state is a word, and a hub that does not look is behind', () => {
  const feed = new LiveFeed()
  const stream = new Stream()
  feed.open(() => stream)
  expect(liveWord(feed.state)).toBe('Connecting')
  stream.say('beat', beat('2026-11-24T12:00:05Z', '2026-11-24T12:00:04Z'))
  expect(liveWord(feed.state)).toBe('Live')
  stream.say('beat', beat('2026-11-24T12:01:05Z', '2026-11-24T12:00:04Z'))
  expect(liveWord(feed.state)).toBe('Behind 61 s')
  stream.say('error')
  expect(liveWord(feed.state)).toBe('Reconnecting')
})

test('a line that went silent is opened anew', () => {
  const streams: Stream[] = []
  const feed = new LiveFeed()
  const close = feed.open(() => {
    const stream = new Stream()
    streams.push(stream)
    return stream
  })
  streams[0]?.say('beat', beat('2026-11-24T12:00:05Z', '2026-11-24T12:00:04Z'))
  vi.advanceTimersByTime(16_000)
  expect(streams.map(({ closed }) => closed)).toEqual([true, false])
  close()
  expect(streams[1]?.closed).toBe(true)
})

test('every call goes to whoever takes them, until they stop', () => {
  const feed = new LiveFeed()
  const stream = new Stream()
  const taken: unknown[] = []
  feed.open(() => stream)
  const stop = feed.take((call) => taken.push(call.key))
  stream.say('call', { key: 'one' })
  stop()
  stream.say('call', { key: 'two' })
  expect(taken).toEqual(['one'])
})

test('what is shown is read anew when the hub says that too much was missed, and when the line was opened anew', () => {
  const feed = new LiveFeed()
  const stream = new Stream()
  let read = 0
  feed.beginAnew(() => {
    read += 1
  })
  feed.open(() => stream)
  stream.say('reset')
  expect(read).toBe(1)
  stream.say('beat', beat('2026-11-24T12:00:05Z', '2026-11-24T12:00:04Z'))
  vi.advanceTimersByTime(20_000)
  expect(read).toBe(2)
})
