import { z } from 'zod'
import { callSchema } from './call.ts'

/**
 * GET /live, server-sent events. `call`: a call that was judged, again or for the first time; its id is a cursor that `Last-Event-ID`
 * gives back, so that none is missed; after a reconnection those of the same moment may come again, with the same `key` and `judgedAt`. `beat` at least every 5 s: what a screen says about freshness.
 * `reset` when the id given back is over 15 minutes old: read the list anew.
 */
export const liveCallSchema = callSchema

/** The data of a `beat`. */
export const beatSchema = z.object({
  at: z.string(),
  /** When the hub last looked at everything. */
  lastRunAt: z.string(),
  completeUntil: z.object({
    access: z.string().nullable(),
    gateway: z.string().nullable(),
    content: z.string().nullable(),
  }),
})
/** The data of a `beat`. */
export type Beat = z.infer<typeof beatSchema>
