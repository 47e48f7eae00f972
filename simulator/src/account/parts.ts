import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WireRequest } from './canonical-request.ts'
import type { AccountClock } from './clock.ts'
import type { Digests } from './digests.ts'
import type { Faults } from './faults.ts'
import type { InvocationLog } from './invocation-log.ts'
import type { ObjectStore } from './object-store.ts'
import type { Random } from './random.ts'
import type { Received } from './received.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { StateFile } from './state.ts'
import type { Trail } from './trail.ts'

/** How slow the account is, ms; zero in a made past. */
export interface Latency {
  firstByteMs: readonly [number, number]
  chunkMs: readonly [number, number]
}

/** Everything the services of the account share. */
export interface AccountParts {
  readonly clock: AccountClock
  readonly random: Random
  readonly state: StateFile
  readonly store: ObjectStore
  readonly trail: Trail
  readonly digests: Digests
  readonly signingKeys: SigningKeys
  readonly invocations: InvocationLog
  readonly faults: Faults
  readonly received: Received
  readonly latency: Latency
}

/** A request with what it came over. */
export interface Exchange {
  readonly request: WireRequest
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  /** Where the caller sits; the simulated company's own header says so, since all of it is this machine. */
  readonly sourceAddress: string
}
