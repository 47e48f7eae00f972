import { z } from 'zod'

/** What can be made to go wrong with a call. */
export const faultSchema = z.object({
  kind: z.enum([
    'throttle',
    'error-500',
    'refuse-connection',
    'stall',
    'die-mid-stream',
    'exception-mid-stream',
    'truncate-stream',
    'no-cloudtrail',
    'no-content',
    'expired-token',
    'wrong-content-type',
  ]),
  operation: z.string().optional(),
  modelIncludes: z.string().optional(),
  times: z.number().int().positive().default(1),
})
/** A fault that waits for a call it fits. */
export type Fault = z.input<typeof faultSchema>

/** Faults in the order they were asked for; each fits so many calls, then is gone. */
export class Faults {
  #waiting: z.infer<typeof faultSchema>[] = []

  push(fault: Fault): void {
    this.#waiting.push(faultSchema.parse(fault))
  }

  /** All kinds that hit this call. */
  take(operation: string, model: string): ReadonlySet<string> {
    const hit = this.#waiting.filter(
      (fault) => (fault.operation ?? operation) === operation && model.includes(fault.modelIncludes ?? ''),
    )
    for (const fault of hit) fault.times -= 1
    this.#waiting = this.#waiting.filter((fault) => fault.times > 0)
    return new Set(hit.map((fault) => fault.kind))
  }
}
