import type { IncomingHttpHeaders } from 'node:http'
import { createBodyMeter } from './body-meter.ts'
import type { FrameObserver, Meter } from './meter.ts'
import { createStreamMeter } from './stream-meter.ts'

/** The meter for an answer: event stream or body. */
export function createMeter(streaming: boolean, headers: IncomingHttpHeaders, observer?: FrameObserver): Meter {
  return streaming ? createStreamMeter(observer) : createBodyMeter(headers)
}
