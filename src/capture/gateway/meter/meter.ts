import type { Metering } from '../../../record/gateway-call.ts'
import type { Frame } from './frames.ts'

/** Reads tokens and stop reason off an answer as it passes. It never throws and never holds a stream back. */
export interface Meter {
  chunk(bytes: Uint8Array): void
  /** What was read, when the answer ended or broke off. */
  end(): Metering
}

/** A meter that also hands each frame on, for a dialect that rewrites the stream. */
export interface FrameObserver {
  frame(frame: Frame): void
}
