import { AggregatorRegistry, Registry } from 'prom-client'
import type { CallJournal } from '../../capture/gateway/call-journal.ts'
import { createAccessLog } from '../../capture/gateway/observe/access-log.ts'
import { createMetrics } from '../../capture/gateway/observe/metrics.ts'
import { type Observer, observeBy } from '../../capture/gateway/observe/observer.ts'
import { serveMetrics } from '../../capture/gateway/observe/serve-metrics.ts'
import type { PolicyInForce } from '../../capture/gateway/policy/policy-file.ts'
import type { BytesInFlight } from '../../capture/gateway/request-body.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Config } from '../config-schema.ts'

/** What of a gateway is looked at. */
export interface Observed {
  readonly journal: CallJournal
  readonly room: BytesInFlight
  readonly policy: PolicyInForce
  /** One of several processes: the first of them is asked, and asks this one. */
  readonly isWorker: boolean
  readonly shippingLagSeconds: () => number
}

/** Access log and metrics, as configured. Throws LISTEN_FAILED. */
export async function observe(
  config: Config,
  { journal, room, policy, isWorker, shippingLagSeconds }: Observed,
  logger: Logger,
): Promise<{ readonly observer: Observer; readonly url: string | undefined; close(): Promise<void> }> {
  const { metrics: listen, accessLog } = config.gateway
  const observers: Observer[] = accessLog ? [createAccessLog(logger)] : []
  if (listen === undefined) return { observer: observeBy(observers), url: undefined, close: async () => undefined }
  const registry = new Registry()
  observers.push(
    createMetrics(registry, {
      inFlight: journal.inFlight,
      bodyBytes: () => room.held,
      writable: journal.writable,
      policyFault: policy.fault,
      shippingLagSeconds,
    }),
  )
  if (isWorker) {
    AggregatorRegistry.setRegistries(registry)
    // It answers the first process from its making on.
    const answers = new AggregatorRegistry()
    return { observer: observeBy(observers), url: undefined, close: async () => answers.clear() }
  }
  const served = await serveMetrics(listen, registry)
  return { observer: observeBy(observers), url: served.url, close: served.close }
}
