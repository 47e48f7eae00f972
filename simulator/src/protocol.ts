import { z } from 'zod'

// What the simulator and the program that started it say to each other over IPC.

/** From the program. */
export const fromParent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('history'), gateway: z.url(), serviceKey: z.string(), from: z.number(), to: z.number() }),
  /** Holds the account's clock before anything else starts. */
  z.object({ type: z.literal('hold'), at: z.number() }),
  z.object({ type: z.literal('clock-set'), at: z.number() }),
  z.object({ type: z.literal('act-done'), gateway: z.url() }),
  z.object({ type: z.literal('live'), gateway: z.url(), serviceKey: z.string() }),
  z.object({ type: z.literal('stop') }),
])
/** From the program. */
export type FromParent = z.infer<typeof fromParent>

/** To the program. */
export type ToParent =
  | {
      readonly type: 'ready'
      readonly aws: string
      readonly idp: string
      readonly region: string
      readonly accountId: string
      readonly gatewayCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
      readonly roleArn: string
      readonly directRoleArn: string
      readonly buckets: { readonly trail: string; readonly invocations: string }
    }
  | { readonly type: 'clock'; readonly at: number }
  | { readonly type: 'act'; readonly act: 'kill-gateway' | 'second-gateway' | 'lose-second-gateway' }
  | { readonly type: 'history-done'; readonly calls: number }
