import { ordinaryCall } from './history.ts'
import { people } from './people.ts'
import { liveScenes, type Stage, scenes } from './scenes.ts'

const sceneEveryMs = 6_000
const meanPauseMs = 700
const mostRunning = 12

/** Traffic in real time until `stop`: bursts of ordinary calls, an odd scene every few seconds, logs delivered as they fall due. */
export function playLive(stage: Stage): { stop(): void } {
  const { random } = stage.account.parts
  let stopped = false
  let running = 0
  let turn = 0
  const start = (play: () => Promise<unknown>) => {
    if (stopped || running >= mostRunning) return
    running += 1
    void play()
      .catch(() => undefined)
      .finally(() => {
        running -= 1
      })
  }
  const ordinary = () => {
    if (stopped) return
    const person = random.pick(people)
    const burst = random.chance(0.15) ? 3 : 1
    for (let i = 0; i < burst; i++) start(() => ordinaryCall(stage, person, i, true))
    if (random.chance(0.1)) start(() => stage.traffic.startup())
    if (random.chance(0.1)) start(() => stage.traffic.pipeline())
    setTimeout(ordinary, meanPauseMs * (0.3 + 1.4 * random.next()))
  }
  const odd = setInterval(() => {
    const scene = liveScenes[turn++ % liveScenes.length]
    if (scene !== undefined) start(async () => scenes[scene](stage))
  }, sceneEveryMs)
  const deliveries = setInterval(() => stage.account.deliver(), 1_000)
  ordinary()
  return {
    stop() {
      stopped = true
      clearInterval(odd)
      clearInterval(deliveries)
    },
  }
}
