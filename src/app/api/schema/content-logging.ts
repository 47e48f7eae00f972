import { z } from 'zod'

const region = z.string().regex(/^[a-z0-9-]{1,32}$/, 'an AWS region')
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day, YYYY-MM-DD')
const decision = {
  region,
  /** The name of the decision, as `content.rules` has it. */
  decision: z.string().regex(/^[A-Za-z0-9_.:/+-]{1,64}$/, 'up to 64 of A-Z a-z 0-9 _ . : / + -'),
  reason: z.string().trim().min(10).max(500),
  by: z.string().trim().min(1).max(200),
  until: day.or(z.literal('')).default(''),
}

/** POST /content/logging/enable */
export const enableLoggingBody = z.strictObject({
  ...decision,
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
  prefix: z.string().max(1024).default(''),
  cloudWatch: z
    .strictObject({
      logGroup: z.string().min(1).max(512),
      roleArn: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.{1,512}$/, 'the ARN of a role'),
    })
    .optional(),
})
/** POST /content/logging/disable */
export const disableLoggingBody = z.strictObject(decision)

/** GET /content/logging, and what the two others answer. */
export const contentLoggingSchema = z.object({
  asOf: z.string(),
  simulated: z.boolean(),
  regions: z.array(
    z.object({
      account: z.string(),
      region: z.string(),
      policy: z.enum(['none', 'keep']),
      decision: z.string(),
      state: z.enum(['on', 'off', 'unknown']),
      bucket: z.string(),
      prefix: z.string(),
      logGroup: z.string(),
      /** What is wrong with it, in words. */
      wrong: z.array(z.string()),
    }),
  ),
})
/** GET /content/logging */
export type ContentLoggingAnswer = z.infer<typeof contentLoggingSchema>
