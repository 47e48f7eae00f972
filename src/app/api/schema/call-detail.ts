import { z } from 'zod'
import { provableRecords } from '../../../record/provable-record.ts'
import { callSchema } from './call.ts'

// One call as a triptych: the same fields of three unlike records, side by side.

/** The three witnesses in the order of the panels. */
export const panelNames = ['access', 'gateway', 'content'] as const
/** One of them. */
export type PanelName = (typeof panelNames)[number]

/**
 * What one witness says of one field. `value`: it says `text`. `differs`: it says `text`, and another says otherwise.
 * `not_part`: such a record never has this. `empty`: it has the field and nothing in it. `absent`: the record is due and not there.
 * `awaited`: it may come until `until`. `blind`: this layer could not see, `why`. `masked`: kept where only a reason opens it.
 * `none`: there is no such record and none was due.
 */
export const cellSchema = z.object({
  state: z.enum(['value', 'differs', 'not_part', 'empty', 'absent', 'awaited', 'blind', 'masked', 'none']),
  text: z.string().optional(),
  /** `derived`: worked out by us from the record; `claimed`: the client says so. */
  tag: z.enum(['derived', 'claimed']).optional(),
  until: z.string().optional(),
  why: z.string().optional(),
})
/** What one witness says of one field. */
export type Cell = z.infer<typeof cellSchema>

/** The groups of fields, in order. */
export const fieldGroups = ['identity', 'model', 'place', 'time', 'tokens', 'outcome', 'content', 'proof'] as const

/** One field over the three panels; `compared` when it was held side by side. */
export const fieldRowSchema = z.object({
  group: z.enum(fieldGroups),
  field: z.string(),
  label: z.string(),
  unit: z.string().optional(),
  cells: z.object({ access: cellSchema, gateway: cellSchema, content: cellSchema }),
  compared: z.object({ agree: z.boolean(), strength: z.enum(['independent', 'consistent']) }).optional(),
})
/** One field over the three panels. */
export type FieldRow = z.infer<typeof fieldRowSchema>

/** A moment of a call: from intent to the arrival of the last log. */
export const momentSchema = z.object({
  at: z.string(),
  kind: z.enum([
    'intent',
    'first_byte',
    'outcome',
    'cloudtrail_event',
    'invocation_record',
    'cloudtrail_arrived',
    'invocation_arrived',
    'verdict',
  ]),
  text: z.string(),
})

const record = z.record(z.string(), z.unknown())

/** GET /calls/:id */
export const callDetailSchema = z.object({
  asOf: z.string(),
  simulated: z.boolean(),
  call: callSchema,
  /** The sentence of the verdict, what it means for any call. */
  says: z.string(),
  /** Place of the verdict in the order in which they are tried, from 1, and how many there are. */
  rule: z.object({ number: z.number(), of: z.number() }),
  fields: z.array(fieldRowSchema),
  timeline: z.array(momentSchema),
  /** The records as they are in the store; the first of a witness is the one that was compared. */
  panels: z.object({
    access: z.array(record),
    gateway: record.nullable(),
    content: z.array(record),
    changes: z.array(z.object({ from: z.string(), to: z.string(), at: z.string(), reason: z.string() })),
  }),
  /**
   * Which records of this call a receipt can be had for, which wait for the ledger, and where that could not be found out. The one that
   * says most comes first: it is what is proven when no record is named.
   */
  receipts: z.array(
    z.object({
      record: z.enum(provableRecords),
      state: z.enum(['entered', 'backlog', 'unknown']),
      code: z.string().optional(),
    }),
  ),
})
/** GET /calls/:id */
export type CallDetail = z.infer<typeof callDetailSchema>
