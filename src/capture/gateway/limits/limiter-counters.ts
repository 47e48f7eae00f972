import { type Redis, Redis as RedisClient } from 'ioredis'
import {
  type RateLimiterAbstract,
  RateLimiterCluster,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from 'rate-limiter-flexible'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { type Count, type Counters, type CountWindow, windows } from './counters.ts'

type Limiters = Readonly<Record<CountWindow, RateLimiterAbstract>>

/** Refusing is not the limiter's business here: a call may have to answer to several limits at once. */
const unbounded = Number.MAX_SAFE_INTEGER

/** Counts of this process alone. */
export function createLocalCounters(): Counters {
  return countersOf(
    // A timer reaches no more than 24 days, so a month's count stays: its key names the month. What runs ends with the process.
    limitersOf((window) => {
      const duration = window === 'month' || window === 'running' ? 0 : windows[window].seconds
      return new RateLimiterMemory({ keyPrefix: window, points: unbounded, duration })
    }),
    async () => undefined,
  )
}

/** Counts that the workers of one gateway share: the first process keeps them. */
export function createWorkerCounters(): Counters {
  return countersOf(
    limitersOf((window) => {
      const duration = window === 'month' ? 0 : windows[window].seconds
      return new RateLimiterCluster({ keyPrefix: window, points: unbounded, duration, timeoutMs: workerAnswerMs })
    }),
    async () => undefined,
  )
}

const workerAnswerMs = 2_000
const answerWithinMs = 250

/** Where counts are shared by several gateways. */
export interface SharedCounters {
  /** `redis://` or `rediss://` (Redis, Valkey). */
  readonly url: string
  readonly password: string | undefined
}

/** Counts that several gateways share. Connects in the background; while there is no answer within 250 ms, LIMITS_UNAVAILABLE. */
export function createSharedCounters({ url, password }: SharedCounters): Counters {
  const redis = new RedisClient(url, {
    ...(password === undefined ? {} : { password }),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: answerWithinMs,
    retryStrategy: (times: number) => Math.min(times * 100, 2_000),
  })
  // Every failing command says so itself.
  redis.on('error', () => undefined)
  return countersOf(
    limitersOf((window) => redisLimiter(redis, window)),
    async () => redis.disconnect(),
  )
}

function redisLimiter(redis: Redis, window: CountWindow): RateLimiterAbstract {
  return new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `triptych:${window}`,
    points: unbounded,
    duration: windows[window].seconds,
    rejectIfRedisNotReady: true,
  })
}

function limitersOf(make: (window: CountWindow) => RateLimiterAbstract): Limiters {
  return { minute: make('minute'), day: make('day'), month: make('month'), running: make('running') }
}

function countersOf(limiters: Limiters, close: () => Promise<void>): Counters {
  const away = (cause: unknown): never => {
    throw new TriptychError('LIMITS_UNAVAILABLE', { retryAfterSeconds: 2 }, cause)
  }
  return {
    read: async (window, key) => countOf(await limiters[window].get(key).catch(away)),
    add: async (window, key, amount) => {
      const limiter = limiters[window]
      if (amount >= 0) return countOf(await limiter.penalty(key, amount).catch(away))
      const after = await limiter.reward(key, -amount).catch(away)
      // Given back after its window began anew: below nothing there is nothing.
      return countOf(after.consumedPoints < 0 ? await limiter.penalty(key, -after.consumedPoints).catch(away) : after)
    },
    close,
  }
}

function countOf(answer: RateLimiterRes | null): Count {
  return { used: Math.max(0, answer?.consumedPoints ?? 0), endsInMs: Math.max(0, answer?.msBeforeNext ?? 0) }
}
