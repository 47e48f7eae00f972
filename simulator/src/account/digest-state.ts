import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { parseJson } from './lines.ts'

const logFileSchema = z.object({
  key: z.string(),
  hash: z.string(),
  newest: z.string(),
  oldest: z.string(),
  /** When it was delivered, ms. */
  at: z.number(),
})
/** A delivered log file, as a digest will name it. */
export type DigestedLog = z.infer<typeof logFileSchema>

const previousSchema = z.object({ key: z.string(), hash: z.string(), signature: z.string() })
/** What a digest says of the one before it. */
export type PreviousDigest = z.infer<typeof previousSchema>

const chainSchema = z.object({
  /** Where the next digest's window begins, ms. */
  start: z.number(),
  previous: previousSchema.nullable(),
  files: z.array(logFileSchema),
  /** When logging or validation was switched off, ms: the final digest is still to be written. */
  ending: z.number().nullable(),
})
/** A chain that is open in a region. */
export type DigestChain = z.infer<typeof chainSchema>

const keySchema = z.object({
  pem: z.string(),
  from: z.number(),
  to: z.number(),
  /** How the public half is given: AWS gives PKCS#1, and its user guide shows one of the other form. */
  form: z.enum(['pkcs1', 'spki']).default('pkcs1'),
})
/** A signing key with its validity, ms. */
export type SigningKey = z.infer<typeof keySchema>

const stateSchema = z.object({
  /** Log file validation by region. */
  validation: z.record(z.string(), z.boolean()),
  chains: z.record(z.string(), chainSchema),
  keys: z.record(z.string(), z.array(keySchema)),
})

/** What the digests of an account remember over a restart: open chains and signing keys. */
export class DigestState {
  readonly #path: string
  readonly state: z.infer<typeof stateSchema>

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    this.#path = join(dataDir, 'digests.json')
    this.state = read(this.#path) ?? { validation: {}, chains: {}, keys: {} }
  }

  save(): void {
    writeFileSync(`${this.#path}.tmp`, JSON.stringify(this.state), { mode: 0o600 })
    renameSync(`${this.#path}.tmp`, this.#path)
  }
}

function read(path: string): z.infer<typeof stateSchema> | undefined {
  try {
    return stateSchema.safeParse(parseJson(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}
