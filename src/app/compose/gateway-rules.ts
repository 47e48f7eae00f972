import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CallJournal } from '../../capture/gateway/call-journal.ts'
import { keepCounters } from '../../capture/gateway/limits/kept-counters.ts'
import {
  createLocalCounters,
  createSharedCounters,
  createWorkerCounters,
} from '../../capture/gateway/limits/limiter-counters.ts'
import { createLimits, type Limits } from '../../capture/gateway/limits/limits.ts'
import { type PriceList, readPriceList } from '../../capture/gateway/limits/price-list.ts'
import { compilePolicy } from '../../capture/gateway/policy/decide.ts'
import { openPolicy } from '../../capture/gateway/policy/policy.ts'
import { fixedPolicy, type PolicyInForce, watchPolicy } from '../../capture/gateway/policy/policy-file.ts'
import type { Clock } from '../../platform/clock.ts'
import { ensureWritableDir } from '../../platform/files.ts'
import type { Logger } from '../../platform/logger.ts'
import { gatewaySource } from '../../record/gateway-call.ts'
import type { Config } from '../config-schema.ts'
import { dataDirAt } from '../data-dir.ts'

/** Who may use what, how much of it, and what it costs. */
export interface GatewayRules {
  readonly policy: PolicyInForce
  readonly limits: Limits
  readonly prices: PriceList
  /** Keeps the counts of days and months that are this gateway's own. */
  save(): Promise<void>
  close(): Promise<void>
}

/** Opens policy, price list and counts. Throws POLICY_INVALID, PRICES_INVALID, FILE_UNREADABLE. */
export async function openRules(
  config: Config,
  journal: CallJournal,
  clock: Clock,
  logger: Logger,
  worker: { readonly isFirstStart: boolean } | undefined = undefined,
): Promise<GatewayRules> {
  const { policy: file, models, prices, limits } = config.gateway
  const policy =
    file === undefined
      ? fixedPolicy(compilePolicy(openPolicy(models.allow)))
      : await watchPolicy({ path: file, logger, record: journal.policyChanged })
  const kept = limits.redis === undefined ? await localCounters(config, clock, worker) : undefined
  const counters = kept ?? (await sharedCounters(limits))
  const { onFailure, warnAt } = limits
  return {
    policy,
    prices: await readPriceList(prices),
    limits: createLimits({
      limits: () => policy.current().limits,
      counters,
      clock,
      logger,
      onFailure,
      warnAt,
      note: (state) => journal.limitsChanged({ state, onFailure }),
    }),
    save: async () => kept?.save(),
    async close() {
      policy.close()
      await kept?.save()
      await counters.close()
    },
  }
}

async function localCounters(config: Config, clock: Clock, worker: { readonly isFirstStart: boolean } | undefined) {
  const path = dataDirAt(config.dataDir).limitsOf(gatewaySource(config.gateway.id))
  await ensureWritableDir(dirname(path))
  if (worker === undefined) return keepCounters(createLocalCounters(), path, clock)
  return keepCounters(createWorkerCounters(), path, clock, worker.isFirstStart)
}

async function sharedCounters({ redis = '', redisPasswordFile }: Config['gateway']['limits']) {
  const password = redisPasswordFile === undefined ? undefined : (await readFile(redisPasswordFile, 'utf8')).trim()
  return createSharedCounters({ url: redis, password })
}
