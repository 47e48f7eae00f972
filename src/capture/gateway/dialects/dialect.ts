import type { IncomingHttpHeaders } from 'node:http'
import type { Transform } from 'node:stream'
import type { Facts } from '../../../platform/triptych-error.ts'
import type { ModelId } from '../../../record/model-id.ts'
import type { Operation } from '../../../record/operation.ts'
import type { FrameObserver } from '../meter/meter.ts'
import type { Route } from '../route.ts'

/** The names of the client protocols. */
export type DialectName = 'bedrock' | 'anthropic'

/** A request in the client's own words. */
export interface ClientRequest {
  readonly route: Route
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** The same request as Bedrock takes it. `path` is encoded once, as it stands on the wire. */
export interface BedrockRequest {
  readonly operation: Operation
  readonly streaming: boolean
  readonly model: ModelId
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A request whose body was hashed, once, for the record and for the signature. */
export interface HashedRequest extends BedrockRequest {
  /** Empty once AWS has answered. */
  body: Buffer
  /** Hexadecimal. */
  readonly bodySha256: string
}

/** How an answer is handed to the client. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Rewrites the bytes on the way; without it they pass as they are. */
  readonly transform?: Transform
  /** Sees each frame, where the transform feeds on frames. */
  readonly observer?: FrameObserver
}

/** An error in the client's shape. */
export interface ErrorAnswer {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One client protocol: how it asks, and how it wants to be answered. */
export interface Dialect {
  readonly name: DialectName
  /** Throws GATEWAY_MODEL_UNKNOWN or GATEWAY_BODY_INVALID. */
  toBedrock(request: ClientRequest): BedrockRequest
  /** The delivery of a full answer (status below 300). */
  deliver(request: BedrockRequest, upstream: IncomingHttpHeaders, call: string): Delivery
  /** The delivery of AWS's error answer, its wording kept. */
  deliverError(
    status: number,
    upstream: IncomingHttpHeaders,
    body: Buffer,
    call: string,
  ): { headers: Record<string, string | string[]>; body: Buffer }
  /** Our own refusal. */
  refuse(status: number, code: string, says: string, facts: Facts, call: string): ErrorAnswer
}
