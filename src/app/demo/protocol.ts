import { z } from 'zod'

// What the program and the simulator say to each other over IPC while a demo runs.

const at = z.number()

/** From the simulator. */
export const fromSimulator = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    aws: z.url(),
    idp: z.url(),
    region: z.string(),
    accountId: z.string(),
    gatewayCredentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
    roleArn: z.string(),
    directRoleArn: z.string(),
    buckets: z.object({ trail: z.string(), invocations: z.string() }),
  }),
  z.object({ type: z.literal('clock'), at }),
  z.object({ type: z.literal('act'), act: z.enum(['kill-gateway', 'second-gateway', 'lose-second-gateway']) }),
  z.object({ type: z.literal('history-done'), calls: z.number() }),
])
/** From the simulator. */
export type FromSimulator = z.infer<typeof fromSimulator>
/** The simulator's first words: where its AWS is. */
export type SimulatorReady = Extract<FromSimulator, { type: 'ready' }>

/** To the simulator. */
export type ToSimulator =
  | {
      readonly type: 'history'
      readonly gateway: string
      readonly serviceKey: string
      readonly from: number
      readonly to: number
    }
  | { readonly type: 'hold'; readonly at: number }
  | { readonly type: 'clock-set'; readonly at: number }
  | { readonly type: 'act-done'; readonly gateway: string }
  | { readonly type: 'live'; readonly gateway: string; readonly serviceKey: string }
  | { readonly type: 'stop' }
