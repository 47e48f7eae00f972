import { z } from 'zod'

/** GET /story: what to look at first in a simulated account; empty in a real one. */
export const storySchema = z.object({
  day: z.string().nullable(),
  steps: z.array(z.object({ title: z.string(), text: z.string(), path: z.string(), command: z.string() })),
})
/** GET /story */
export type StoryAnswer = z.infer<typeof storySchema>
