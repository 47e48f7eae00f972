import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { TriptychError } from '../../platform/triptych-error.ts'
import { answerOver, type ChannelEnd, createAsk } from './worker-channel.ts'

class End extends EventEmitter implements ChannelEnd {
  send: NonNullable<ChannelEnd['send']> = () => undefined
}

/** Two ends of one channel; a broken one says so to whoever sends, as node:cluster's does. */
function channel(): { readonly left: End; readonly right: End; break(): void } {
  let broken = false
  const [left, right] = [new End(), new End()]
  const sendTo =
    (other: End): End['send'] =>
    (message, sent) => {
      if (broken) return void setImmediate(() => sent(new RangeError('ERR_IPC_CHANNEL_CLOSED')))
      setImmediate(() => other.emit('message', structuredClone(message)))
      sent(null)
    }
  left.send = sendTo(right)
  right.send = sendTo(left)
  return {
    left,
    right,
    break() {
      broken = true
      left.emit('disconnect')
      right.emit('disconnect')
    },
  }
}

test('a question is answered, an error comes back by its code, and an unknown question is refused', async () => {
  const { left, right } = channel()
  answerOver(right, {
    double: async (n) => Number(n) * 2,
    fail: async () => Promise.reject(new TriptychError('GATEWAY_SESSION_FAILED', { reason: 'x' })),
  })
  const ask = createAsk(left)
  expect(await Promise.all([ask('double', 2), ask('double', 3)])).toEqual([4, 6])
  await expect(ask('fail', 0)).rejects.toMatchObject({ code: 'GATEWAY_SESSION_FAILED', facts: { reason: 'x' } })
  await expect(ask('toString', 0)).rejects.toMatchObject({ code: 'WORKER_SILENT' })
})

test('when the other side is gone, who waits hears it at once, and so does who asks then', async () => {
  const one = channel()
  answerOver(one.right, { never: () => new Promise(() => undefined) })
  const ask = createAsk(one.left)
  const waiting = ask('never', 0)
  one.break()
  await expect(waiting).rejects.toMatchObject({ code: 'WORKER_SILENT' })
  await expect(ask('never', 0)).rejects.toMatchObject({ code: 'WORKER_SILENT' })
})

test('an answer to one that is gone ends nobody', async () => {
  const one = channel()
  let answer: (value: number) => void = () => undefined
  answerOver(one.right, { slow: () => new Promise((resolve) => (answer = resolve)) })
  createAsk(one.left)('slow', 0).catch(() => undefined)
  await new Promise((resolve) => setImmediate(resolve))
  one.break()
  answer(1)
  await new Promise((resolve) => setTimeout(resolve, 5))
})
