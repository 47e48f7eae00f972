import { z } from 'zod'
import { reasonSchema } from './session.ts'

const count = z.number()

/** GET /sessions: who and session together name one; both are as the calls have them, the session a claim of the client's. */
export const sessionsSchema = z.object({
  since: z.string(),
  until: z.string(),
  asOf: z.string(),
  simulated: z.boolean(),
  limit: count,
  sessions: z.array(
    z.object({
      session: z.string(),
      who: z.string(),
      calls: count,
      /** Calls with a verdict that somebody should look at. */
      grave: count,
      withContent: count,
      agents: count,
      models: z.array(z.string()),
      teams: z.array(z.string()),
      tokens: z.object({ input: count, output: count, cacheRead: count, cacheWrite: count }),
      unmeasured: count,
      costMicroUsd: count,
      unpriced: count,
      firstAt: z.string(),
      lastAt: z.string(),
      simulated: z.boolean(),
    }),
  ),
  /** There are more than were asked for. */
  more: z.boolean(),
})
/** GET /sessions */
export type SessionsAnswer = z.infer<typeof sessionsSchema>

/** What POST /sessions/:id/conversation takes: a reason, whose session, and from which call on. */
export const conversationReadSchema = reasonSchema.extend({
  who: z.string().max(2048),
  from: z.number().int().min(0).default(0),
})

const textBlock = z.object({ kind: z.enum(['text', 'thinking']), text: z.string(), cut: count })
const toolUse = z.object({
  kind: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.string(),
  cut: count,
})
const media = z.object({
  kind: z.literal('media'),
  what: z.string(),
  type: z.string(),
  at: z.string(),
  bytes: count,
})
const other = z.object({ kind: z.literal('other'), type: z.string() })
const plainBlock = z.discriminatedUnion('kind', [textBlock, toolUse, media, other])
const toolResult = z.object({
  kind: z.literal('tool_result'),
  id: z.string(),
  error: z.boolean(),
  blocks: z.array(plainBlock),
})
const blockSchema = z.discriminatedUnion('kind', [textBlock, toolUse, media, other, toolResult])
/** A piece of a turn; `cut` says how many characters are not here. */
export type ShownBlock = z.infer<typeof blockSchema>
/** A piece within a tool's result. */
export type PlainBlock = z.infer<typeof plainBlock>

/** POST /sessions/:id/conversation: of each call only what no earlier one had; text is data, whatever it looks like. */
export const conversationSchema = z.object({
  session: z.string(),
  who: z.string(),
  calls: count,
  from: count,
  entries: z.array(
    z.object({
      call: z.string(),
      at: z.string(),
      model: z.string(),
      agent: z.string(),
      history: z.enum(['begins', 'goes_on', 'rewritten', 'unknown']),
      /** Turns that it sent again. */
      repeated: count,
      system: z.array(blockSchema).nullable(),
      tools: z.array(z.string()).nullable(),
      added: z.array(z.object({ role: z.string(), blocks: z.array(blockSchema) })),
      answer: z
        .object({
          blocks: z.array(blockSchema),
          stopReason: z.string(),
          whole: z.boolean(),
          guardrail: z.boolean(),
        })
        .nullable(),
      /** Why a side of it is not here, in words. */
      missing: z.array(z.string()),
    }),
  ),
  /** Where the next answer begins; null at the end. */
  next: count.nullable(),
  recordedAs: z.string(),
})
/** POST /sessions/:id/conversation */
export type ConversationAnswer = z.infer<typeof conversationSchema>
