import { z } from 'zod'
import { asTriptychError, isErrorCode, TriptychError } from '../../platform/triptych-error.ts'

// Questions between the processes of one gateway, over the channel that node:cluster gives them. Nothing of it reaches a disk.

/** Either end of a channel. */
export interface ChannelEnd {
  send?(message: unknown, sent: (cause: Error | null) => void): unknown
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'disconnect', listener: () => void): unknown
}

const askSchema = z.object({ kind: z.literal('triptych.ask'), id: z.number(), topic: z.string(), payload: z.unknown() })
const answerSchema = z.object({
  kind: z.literal('triptych.answer'),
  id: z.number(),
  value: z.unknown().optional(),
  error: z
    .object({ code: z.string(), facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) })
    .optional(),
})

/** Answers one kind of question. */
export type Answerer = (payload: unknown) => Promise<unknown>

/** Asks the other side; the answer is not checked here. Throws what the other side threw, and WORKER_SILENT. */
export type Ask = (topic: string, payload: unknown) => Promise<unknown>

const answerWithinMs = 40_000

/** Asks over a channel. */
export function createAsk(end: ChannelEnd): Ask {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(cause: unknown): void }>()
  let last = 0
  // Who waits for somebody that is gone waits for nothing.
  end.once('disconnect', () => {
    for (const { reject } of waiting.values()) reject(new TriptychError('WORKER_SILENT', { topic: 'gone' }))
    waiting.clear()
  })
  end.on('message', (message) => {
    const answer = answerSchema.safeParse(message).data
    const asked = answer === undefined ? undefined : waiting.get(answer.id)
    if (answer === undefined || asked === undefined) return
    waiting.delete(answer.id)
    if (answer.error === undefined) asked.resolve(answer.value)
    else asked.reject(errorOf(answer.error))
  })
  return (topic, payload) =>
    new Promise((resolve, reject) => {
      last += 1
      const id = last
      const giveUp = setTimeout(() => {
        waiting.delete(id)
        reject(new TriptychError('WORKER_SILENT', { topic }))
      }, answerWithinMs)
      const settle = (done: () => void) => {
        clearTimeout(giveUp)
        done()
      }
      waiting.set(id, {
        resolve: (value) => settle(() => resolve(value)),
        reject: (cause) => settle(() => reject(cause)),
      })
      end.send?.({ kind: 'triptych.ask', id, topic, payload }, (cause) => {
        if (cause === null || !waiting.delete(id)) return
        settle(() => reject(new TriptychError('WORKER_SILENT', { topic })))
      })
    })
}

/** Who asked is gone: nobody waits for the answer. */
const unheard = () => undefined

/** Answers over a channel; what is thrown goes back by its code and facts. */
export function answerOver(end: ChannelEnd, answerers: Readonly<Record<string, Answerer>>): void {
  end.on('message', (message) => {
    const asked = askSchema.safeParse(message).data
    if (asked === undefined) return
    const { id, topic, payload } = asked
    const answerer = Object.hasOwn(answerers, topic) ? answerers[topic] : undefined
    void (answerer?.(payload) ?? Promise.reject(new TriptychError('WORKER_SILENT', { topic })))
      .then((value) => end.send?.({ kind: 'triptych.answer', id, value }, unheard))
      .catch((cause: unknown) => {
        const { code, facts } = asTriptychError(cause)
        end.send?.({ kind: 'triptych.answer', id, error: { code, facts } }, unheard)
      })
  })
}

function errorOf({
  code,
  facts,
}: {
  readonly code: string
  readonly facts: Readonly<Record<string, string | number | boolean>>
}) {
  return new TriptychError(isErrorCode(code) ? code : 'INTERNAL', facts)
}
