// The temporary credentials that STS has issued; they survive a restart.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'

const sessionSchema = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  roleName: z.string(),
  sessionName: z.string(),
  sourceIdentity: z.string().optional(),
  tags: z.array(z.object({ key: z.string(), value: z.string() })),
  issuedAt: z.number(),
  expiresAt: z.number(),
})

/** One issued STS session; times in milliseconds since the epoch. */
export type IssuedSession = z.infer<typeof sessionSchema>

/** Append-only book of sessions. */
export class SessionBook {
  readonly #file: string
  readonly #byKey = new Map<string, IssuedSession>()

  constructor(file: string) {
    this.#file = file
    if (!existsSync(file)) return
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue
      const session = sessionSchema.parse(JSON.parse(line))
      this.#byKey.set(session.accessKeyId, session)
    }
  }

  /** Keeps a session. */
  add(session: IssuedSession): void {
    this.#byKey.set(session.accessKeyId, session)
    appendFileSync(this.#file, `${JSON.stringify(session)}\n`)
  }

  /** The session of an access key, if STS issued it. */
  find(accessKeyId: string): IssuedSession | undefined {
    return this.#byKey.get(accessKeyId)
  }

  /** Sessions of a role, oldest first. */
  ofRole(roleName: string): IssuedSession[] {
    return [...this.#byKey.values()].filter((session) => session.roleName === roleName)
  }
}
