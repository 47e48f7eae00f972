import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client'
import { modelLabel } from './model-label.ts'
import type { Observer } from './observer.ts'

/** What is asked at the moment somebody looks. */
export interface GatewayGauges {
  /** Calls that were sent and have no outcome. */
  inFlight(): number
  bodyBytes(): number
  /** 1 while records can be written. */
  writable(): boolean
  /** Code of what is wrong with the policy file; empty when nothing is. */
  policyFault(): string
  /** Age of what is not in a second place yet, s; 0 when everything is, or none is wanted. */
  shippingLagSeconds(): number
}

const seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

/**
 * Prometheus metrics. Labels are closed sets (operation, dialect, outcome, code, base model): never a person, a label of a call or
 * anything a client wrote.
 */
export function createMetrics(registry: Registry, gauges: GatewayGauges): Observer {
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'triptych_gateway_' })
  const { requests, calls, refusals, plain, tokens, cost, duration, firstByte } = defineMetrics(registers)
  addGauges(registers, gauges)
  return {
    began: () => requests.inc(),
    ended(outcome) {
      const { operation, dialect, result } = outcome
      const model = modelLabel(outcome.model)
      calls.inc({ operation, dialect, model, result })
      duration.observe({ operation }, outcome.durationMs / 1000)
      if (outcome.firstByteMs !== undefined) firstByte.observe({ operation }, outcome.firstByteMs / 1000)
      const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = outcome
      const kinds = {
        input: inputTokens,
        output: outputTokens,
        cache_read: cacheReadTokens,
        cache_write: cacheWriteTokens,
      }
      for (const [kind, count] of Object.entries(kinds)) if (count !== undefined) tokens.inc({ model, kind }, count)
      if (outcome.costMicroUsd !== undefined) cost.inc({ model }, outcome.costMicroUsd / 1_000_000)
    },
    refused: ({ code }) => refusals.inc({ code }),
    plain: (kind, status) => plain.inc({ kind, status: String(status) }),
  }
}

function defineMetrics(registers: Registry[]) {
  const requests = new Counter({
    name: 'triptych_gateway_requests_total',
    help: 'Requests on a path of a model call',
    registers,
  })
  const calls = new Counter({
    name: 'triptych_gateway_calls_total',
    help: 'Calls that were sent, by how they ended',
    labelNames: ['operation', 'dialect', 'model', 'result'],
    registers,
  })
  const refusals = new Counter({
    name: 'triptych_gateway_refusals_total',
    help: 'Calls that were refused before anything was sent, by code',
    labelNames: ['code'],
    registers,
  })
  const plain = new Counter({
    name: 'triptych_gateway_other_requests_total',
    help: 'Lists, probes and unknown paths; profiles with 401 are clients that start without a credential',
    labelNames: ['kind', 'status'],
    registers,
  })
  const tokens = new Counter({
    name: 'triptych_gateway_tokens_total',
    help: 'Tokens as measured on the answers',
    labelNames: ['model', 'kind'],
    registers,
  })
  const cost = new Counter({
    name: 'triptych_gateway_cost_usd_total',
    help: 'Cost by the price list in force; calls of unknown price are not in it',
    labelNames: ['model'],
    registers,
  })
  const duration = new Histogram({
    name: 'triptych_gateway_call_seconds',
    help: 'From the first byte of the request to the end of the answer',
    labelNames: ['operation'],
    buckets: seconds,
    registers,
  })
  const firstByte = new Histogram({
    name: 'triptych_gateway_first_byte_seconds',
    help: 'From the first byte of the request to the first of the answer',
    labelNames: ['operation'],
    buckets: seconds,
    registers,
  })
  return { requests, calls, refusals, plain, tokens, cost, duration, firstByte }
}

function addGauges(registers: Registry[], gauges: GatewayGauges): void {
  const add = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `triptych_gateway_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  add('calls_in_flight', 'Calls that were sent and have no outcome yet', gauges.inFlight)
  add('body_bytes_in_flight', 'Request bytes held in memory', gauges.bodyBytes)
  add('journal_writable', '1 while records can be written', () => (gauges.writable() ? 1 : 0))
  add('policy_refused', '1 while the policy file is refused and the one before is in force', () =>
    gauges.policyFault() === '' ? 0 : 1,
  )
  add('shipping_lag_seconds', 'Age of the oldest record that has no second place yet', gauges.shippingLagSeconds)
}
