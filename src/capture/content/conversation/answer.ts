import type { Block } from './block.ts'

/** What a model answered. */
export interface ReadAnswer {
  readonly blocks: readonly Block[]
  readonly stopReason: string
  /** False when a stream ended before the model did. */
  readonly whole: boolean
  /** A guardrail stepped in; then there are no counts, and often no error either. */
  readonly guardrail: boolean
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
}
