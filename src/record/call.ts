import type { ComparedField, Finding } from './finding.ts'
import type { Outcome } from './outcome.ts'
import type { Verdict } from './verdict.ts'

/** Tokens of a call; a number nobody measured is absent. */
export interface Tokens {
  readonly input: number | undefined
  readonly output: number | undefined
  readonly cacheRead: number | undefined
  readonly cacheWrite: number | undefined
}

/**
 * What a gateway says of a call: ours in its journal, or another product in its log, of which `callId` is a digest and much is ''.
 * Times in ms since the epoch.
 */
export interface GatewayWitness {
  readonly callId: string
  readonly gateway: string
  readonly stage: 'intent' | 'outcome' | 'refused'
  readonly alias: string
  readonly operation: string
  readonly model: string
  readonly account: string
  readonly region: string
  readonly team: string
  readonly project: string
  readonly costCentre: string
  /** The client's own session and agent, in their strict form, else `malformed`: claims. */
  readonly session: string
  readonly agent: string
  /** Which policy allowed or refused it, and by which rule. */
  readonly policy: string
  readonly rule: string
  /** Under whose credentials it went out; another product's log does not say. */
  readonly awsSession: 'person' | 'shared' | 'unknown'
  readonly costMicroUsd: number | undefined
  readonly pricesOf: string
  readonly result: Outcome | undefined
  readonly refusalCode: string
  readonly httpStatus: number
  readonly awsRequestId: string
  /** The id that another product gave it; '' for ours. */
  readonly ownRequestId: string
  readonly attempts: number
  readonly tokens: Tokens
  readonly stopReason: string
  readonly startedAt: number
  readonly endedAt: number | undefined
  readonly durationMs: number | undefined
  readonly firstByteMs: number | undefined
  readonly simulated: boolean
}

/** What CloudTrail says of a call. */
export interface AccessWitness {
  readonly eventId: string
  readonly requestId: string
  readonly at: number
  readonly eventSource: string
  readonly operation: string
  readonly account: string
  readonly region: string
  readonly principalType: string
  readonly principalArn: string
  readonly principalAlias: string
  readonly roleArn: string
  readonly accessKeyId: string
  readonly sourceAddress: string
  readonly callId: string
  readonly model: string
  readonly errorCode: string
  readonly bearer: boolean
  readonly simulated: boolean
}

/** What the invocation log says of a call. */
export interface ContentWitness {
  readonly requestId: string
  readonly at: number
  readonly operation: string
  readonly account: string
  readonly region: string
  readonly principalArn: string
  readonly principalAlias: string
  readonly model: string
  readonly callId: string
  readonly session: string
  readonly errorCode: string
  readonly hasBody: boolean
  readonly tokens: Tokens
  readonly simulated: boolean
}

/** Everything the witnesses say of one call. */
export interface Call {
  readonly gateway: GatewayWitness | undefined
  readonly access: readonly AccessWitness[]
  readonly content: readonly ContentWitness[]
}

/** A field held side by side. `independent`: both say it of their own knowledge; `consistent`: one was told by the other. */
export interface Compared {
  readonly field: ComparedField
  readonly between: readonly ['gateway' | 'access', 'access' | 'content']
  readonly agree: boolean
  readonly strength: 'independent' | 'consistent'
}

/** What follows from it. */
export interface Judgement {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  readonly compared: readonly Compared[]
  /** The verdict in words, with what decided it. */
  readonly reason: string
  /** When it must be looked at again although nothing new arrived, ms. */
  readonly dueAt: number | undefined
}
