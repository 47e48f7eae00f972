import { z } from 'zod'
import { settingsSchema } from './settings.ts'

/** A sign-in as it is stored: how it was made, whose it is, and the token that is handed out. Times in ms since the epoch. */
export const signInSchema = z.object({
  settings: settingsSchema,
  /** From the ID token; shown by `status` alone. */
  who: z.string(),
  token: z.string().min(1),
  expiresAt: z.number(),
  refreshToken: z.string().min(1).optional(),
})

/** See `signInSchema`. */
export type SignIn = z.infer<typeof signInSchema>
