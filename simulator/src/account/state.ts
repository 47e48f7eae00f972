import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const sessionSchema = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  roleArn: z.string(),
  roleId: z.string(),
  sessionName: z.string(),
  sourceIdentity: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
})
/** An STS session the account has issued. */
export type Session = z.infer<typeof sessionSchema>

const stateSchema = z.object({
  port: z.number(),
  sessions: z.array(sessionSchema),
  /** Trails by region: is it logging. */
  trails: z.record(z.string(), z.boolean()),
  /** When, by region, a trail was last started and stopped and last delivered a file. */
  trailTimes: z
    .record(
      z.string(),
      z.object({ started: z.number().optional(), stopped: z.number().optional(), delivered: z.number().optional() }),
    )
    .default({}),
  /** Invocation logging by region: the configuration as it was put; null is off. */
  logging: z.record(z.string(), z.unknown().nullable()),
  idpKey: z.unknown().nullable(),
})
/** What an account remembers over a restart. */
export type State = z.infer<typeof stateSchema>

/** The account's memory, a file of its own. */
export class StateFile {
  readonly #path: string
  readonly state: State

  constructor(dataDir: string, fresh: State) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    this.#path = join(dataDir, 'state.json')
    this.state = readState(this.#path) ?? fresh
  }

  save(): void {
    writeFileSync(`${this.#path}.tmp`, JSON.stringify(this.state), { mode: 0o600 })
    renameSync(`${this.#path}.tmp`, this.#path)
  }
}

function readState(path: string): State | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}
