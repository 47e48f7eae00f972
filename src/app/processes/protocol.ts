import { z } from 'zod'

// What a program and the gateway, hub or worker it starts say to each other over IPC.

/** To a gateway or hub that runs as a child. Holding the clock is refused unless its configuration says `simulated`. */
export const toChild = z.discriminatedUnion('type', [
  /** `look`: take a configuration snapshot before answering. */
  z.object({ type: z.literal('clock'), at: z.number().nullable(), look: z.boolean() }),
  z.object({ type: z.literal('stop') }),
])
/** To a child. */
export type ToChild = z.infer<typeof toChild>

/** From a gateway or hub that runs as a child. */
export const fromChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), url: z.string() }),
  z.object({ type: z.literal('clock-set'), at: z.number().nullable() }),
  z.object({ type: z.literal('failed'), text: z.string(), exit: z.number() }),
])
/** From a child. */
export type FromChild = z.infer<typeof fromChild>
