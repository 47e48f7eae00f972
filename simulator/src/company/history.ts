import type { Random } from '../account/random.ts'
import { people, personNamed, type Worker } from './people.ts'
import { type SceneName, type Stage, scenes } from './scenes.ts'
import { type CallStyle, models } from './traffic.ts'

/** What making a day needs of whoever drives the gateway. */
export interface HistoryDriver {
  /** Resolves when everybody's clock stands at `at`. */
  clock(at: number): Promise<void>
  act(name: 'kill-gateway' | 'second-gateway' | 'lose-second-gateway'): Promise<string>
}

interface Step {
  readonly at: number
  readonly play: () => Promise<unknown>
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Odd things by their time of day, UTC. */
const programme: readonly (readonly [hour: number, minute: number, scene: SceneName])[] = [
  [2, 50, 'approvedDirect'],
  [6, 10, 'approvedDirect'],
  [8, 5, 'noCredential'],
  [9, 31, 'expiredToken'],
  [10, 15, 'leakedKey'],
  [10, 40, 'throttled'],
  [11, 40, 'unlogged'],
  [11, 55, 'brokenStream'],
  [12, 20, 'contentMissing'],
  [13, 0, 'trailStops'],
  [13, 15, 'europe'],
  [13, 25, 'europe'],
  [13, 40, 'europe'],
  [13, 50, 'trailStarts'],
  [14, 30, 'contentSwitchedOn'],
  [15, 5, 'hungUp'],
  [15, 10, 'stolenSession'],
  [15, 20, 'replayedCallId'],
  [17, 30, 'unexpectedModel'],
  [18, 10, 'ownKey'],
  [21, 0, 'leakedKey'],
]

/** Makes a day, one call at a time, on held clocks. Log files are delivered every hour of it. Returns the number of calls. */
export async function makeHistory(stage: Stage, driver: HistoryDriver, from: number): Promise<number> {
  const steps = [...ordinarySteps(stage, from), ...oddSteps(stage, driver, from)].sort((a, b) => a.at - b.at)
  let hour = Math.floor(from / hourMs)
  for (const step of steps) {
    const next = Math.floor(step.at / hourMs)
    if (next > hour) {
      hour = next
      await driver.clock(next * hourMs)
      stage.account.deliver()
    }
    await driver.clock(step.at)
    await step.play()
  }
  await driver.clock(from + 24 * hourMs)
  stage.account.deliverAll()
  return stage.account.parts.received.all().length
}

function ordinarySteps(stage: Stage, from: number): readonly Step[] {
  const { random } = stage.account.parts
  const steps: Step[] = []
  for (const person of people) {
    const [start, end] = person.hours
    for (let hour = start; hour < end; hour++) {
      const burst = random.between(1, 4)
      const at = from + hour * hourMs + random.between(0, 50) * minuteMs
      for (let i = 0; i < burst; i++)
        steps.push({ at: at + i * random.between(8, 90) * 1000, play: () => ordinaryCall(stage, person) })
    }
  }
  for (let i = 0; i < 12; i++)
    steps.push({ at: from + 2 * hourMs + i * 4 * minuteMs, play: () => stage.traffic.pipeline() })
  return steps
}

function oddSteps(stage: Stage, driver: HistoryDriver, from: number): readonly Step[] {
  const at = (hour: number, minute: number) => from + hour * hourMs + minute * minuteMs
  const steps: Step[] = programme.map(([hour, minute, scene]) => ({
    at: at(hour, minute),
    play: () => scenes[scene](stage),
  }))
  // Somebody is at it at three in the night.
  for (let i = 0; i < 5; i++)
    steps.push({
      at: at(3, 10 + 2 * i),
      play: () => stage.traffic.person(personNamed('mallory'), { model: models.opus, size: 'large' }),
    })
  steps.push(
    { at: at(16, 0), play: () => killedGateway(stage, driver) },
    { at: at(16, 45), play: () => lostGateway(stage, driver, at(16, 45)) },
  )
  return steps
}

/** The gateway dies while an answer streams. */
async function killedGateway(stage: Stage, driver: HistoryDriver): Promise<void> {
  stage.account.parts.faults.push({ kind: 'stall', operation: 'InvokeModelWithResponseStream' })
  const before = stage.account.parts.received.all().length
  const call = stage.traffic.person(personNamed('alice'))
  while (stage.account.parts.received.all().length === before) await new Promise((resolve) => setTimeout(resolve, 5))
  stage.traffic.gateway = await driver.act('kill-gateway')
  await call
}

/** A second gateway serves three calls, then its machine dies with its disk. */
async function lostGateway(stage: Stage, driver: HistoryDriver, from: number): Promise<void> {
  const first = stage.traffic.gateway
  stage.traffic.gateway = await driver.act('second-gateway')
  for (const [i, name] of ['judy', 'bob', 'heidi'].entries()) {
    await driver.clock(from + (i + 1) * 20_000)
    await stage.traffic.person(personNamed(name), { verb: 'invoke' })
  }
  await driver.act('lose-second-gateway')
  stage.traffic.gateway = first
}

/** What people do most of the time: streams of Claude Code, some other shapes, sub-agents on the small model. */
export function ordinaryCall(stage: Stage, person: Worker, full = false): Promise<unknown> {
  const { random } = stage.account.parts
  return stage.traffic.person(person, {
    ...styleOf(random),
    ...(full ? { size: random.chance(0.25) ? 'large' : 'claude-code' } : {}),
  })
}

function styleOf(random: Random): CallStyle {
  const chance = random.next()
  if (chance < 0.55) return { verb: 'invoke-with-response-stream', size: random.chance(0.1) ? 'claude-code' : 'small' }
  if (chance < 0.7) return { verb: 'invoke-with-response-stream', model: models.haiku, agent: `a${random.hex(16)}` }
  if (chance < 0.8) return { verb: 'invoke', model: models.haiku }
  if (chance < 0.86) return { verb: 'messages' }
  if (chance < 0.92) return { verb: 'converse', model: models.haiku }
  if (chance < 0.97) return { verb: 'converse-stream' }
  return { verb: 'invoke-with-response-stream', size: 'large' }
}
