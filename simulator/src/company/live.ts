import { ordinaryCall } from './history.ts'
import { people } from './people.ts'
import { liveScenes, type Stage, scenes } from './scenes.ts'

/** Each scene once, soon; then so seldom that yesterday's are still found. */
const sceneEveryMs = { firstRound: 6_000, later: 90_000 } as const
const meanPauseMs = 2_500
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
    for (let i = 0; i < burst; i++) start(() => ordinaryCall(stage, person, true))
    if (random.chance(0.1)) start(() => stage.traffic.startup())
    if (random.chance(0.1)) start(() => stage.traffic.pipeline())
    setTimeout(ordinary, meanPauseMs * (0.3 + 1.4 * random.next()))
  }
  const odd = () => {
    if (stopped) return
    const scene = liveScenes[turn++ % liveScenes.length]
    if (scene !== undefined) start(async () => scenes[scene](stage))
    setTimeout(odd, turn < liveScenes.length ? sceneEveryMs.firstRound : sceneEveryMs.later)
  }
  const deliveries = setInterval(() => stage.account.deliver(), 1_000)
  ordinary()
  setTimeout(odd, sceneEveryMs.firstRound)
  return {
    stop() {
      stopped = true
      clearInterval(deliveries)
    },
  }
}
