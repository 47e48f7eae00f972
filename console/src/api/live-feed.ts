import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import type { Beat } from '../../../src/app/api/schema/live.ts'

/** How the stream stands, and what its last beat said. */
export interface LiveState {
  readonly link: 'connecting' | 'live' | 'reconnecting'
  readonly beat: Beat | undefined
}

/** What the console needs of a stream of server-sent events; it resumes by itself with the last id. */
export interface EventStream {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

/** A beat comes every five seconds: without one for this long the line is dead although nobody said so. */
const silentMs = 15_000

/** The one live stream of the console. */
export class LiveFeed {
  #state: LiveState = { link: 'connecting', beat: undefined }
  readonly #watchers = new Set<() => void>()
  readonly #takers = new Set<(call: CallAnswer) => void>()
  readonly #beginners = new Set<() => void>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #stream: EventStream | undefined

  /** Opens the stream; the answer closes it. */
  open(connect: () => EventStream): () => void {
    const stream = connect()
    this.#stream = stream
    stream.addEventListener('open', () => this.#set({ ...this.#state, link: 'live' }))
    stream.addEventListener('error', () => this.#set({ ...this.#state, link: 'reconnecting' }))
    stream.addEventListener('call', (event) => {
      this.#heard(connect)
      const call = JSON.parse(event.data) as CallAnswer
      for (const take of this.#takers) take(call)
    })
    stream.addEventListener('reset', () => this.#begin())
    stream.addEventListener('beat', (event) => {
      this.#heard(connect)
      this.#set({ link: 'live', beat: JSON.parse(event.data) as Beat })
    })
    return () => {
      clearTimeout(this.#timer)
      this.#stream?.close()
    }
  }

  /** How it stands now. */
  get state(): LiveState {
    return this.#state
  }

  /** Tells of every change; the answer ends it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Gives every call as it is judged; the answer ends it. */
  take(taker: (call: CallAnswer) => void): () => void {
    this.#takers.add(taker)
    return () => this.#takers.delete(taker)
  }

  /** Tells when too much was missed to catch up: what is shown must be read anew. The answer ends it. */
  beginAnew(begin: () => void): () => void {
    this.#beginners.add(begin)
    return () => this.#beginners.delete(begin)
  }

  #begin() {
    for (const begin of this.#beginners) begin()
  }

  #heard(connect: () => EventStream) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#stream?.close()
      this.#set({ ...this.#state, link: 'reconnecting' })
      // A new stream does not know where the old one was.
      this.open(connect)
      this.#begin()
    }, silentMs)
  }

  #set(state: LiveState) {
    this.#state = state
    for (const watcher of this.#watchers) watcher()
  }
}

/** The state in a word; a hub that has not looked for a while is behind, and says by how much. */
export function liveWord(state: LiveState): string {
  if (state.link === 'connecting') return 'Connecting'
  if (state.link === 'reconnecting') return 'Reconnecting'
  const { at, lastRunAt } = state.beat ?? { at: '', lastRunAt: '' }
  const behind = Math.round((Date.parse(at) - Date.parse(lastRunAt)) / 1000)
  return behind > 20 ? `Behind ${behind} s` : 'Live'
}
