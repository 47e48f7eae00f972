import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { AliasBook } from './alias-book.ts'
import type { Authorize } from './authorize.ts'
import type { CallJournal } from './call-journal.ts'
import type { Dialect, DialectName } from './dialects/dialect.ts'
import type { Identify } from './identify.ts'
import type { Limits } from './limits/limits.ts'
import type { PriceList } from './limits/price-list.ts'
import type { Observer } from './observe/observer.ts'
import type { PolicyInForce } from './policy/policy-file.ts'
import type { BytesInFlight } from './request-body.ts'
import type { Sender } from './send.ts'
import type { Sessions } from './sessions.ts'

/** Where calls go: the endpoint and account of each region. */
export interface Upstream {
  readonly account: string
  /** The region of a call: that of the model's geography where one is configured, else the default. */
  regionOf(scope: string | undefined): string
  endpointOf(region: string): URL
  /** Bedrock's control plane. */
  controlOf(region: string): URL
}

/** Everything the path of a call is made of. Composed once, from outside. */
export interface GatewayParts {
  readonly version: string
  /** The account is a simulated one: every record says so. */
  readonly simulated: boolean
  readonly gatewayTag: string
  readonly callKey: Buffer
  readonly bodyKey: Buffer
  /** Under it people are counted. */
  readonly countKey: Buffer
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly logger: Logger
  readonly identify: Identify
  readonly aliases: Pick<AliasBook, 'aliasOf'>
  readonly authorize: Authorize
  readonly policy: PolicyInForce
  readonly limits: Limits
  readonly prices: PriceList
  readonly sessions: Sessions
  readonly journal: CallJournal
  readonly observer: Observer
  readonly sender: Sender
  readonly room: BytesInFlight
  readonly dialects: Readonly<Record<DialectName, Dialect>>
  readonly upstream: Upstream
  /** Anthropic's model names and what they stand for. */
  readonly modelNames: ReadonlyMap<string, string>
  /** Whether an upstream stream is read to its end when the client hangs up: Bedrock bills the whole generation. */
  readonly drainAborted: boolean
}
