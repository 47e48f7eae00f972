import type { Logger } from '../../../platform/logger.ts'
import { modelLabel } from './model-label.ts'
import type { Observer } from './observer.ts'

/** A line for each call: ids, names of models and operations, numbers. No alias, no label, no header. */
export function createAccessLog(logger: Logger): Observer {
  return {
    began: () => undefined,
    ended(outcome) {
      const { call, awsRequestId, operation, dialect, model, region, result, httpStatus, errorCode } = outcome
      const { bodyBytes, responseBytes, inputTokens, outputTokens, firstByteMs, durationMs, attempts } = outcome
      logger.info('gateway.call', {
        call,
        awsRequestId,
        operation,
        dialect,
        model: modelLabel(model),
        region,
        result,
        httpStatus,
        errorCode,
        bodyBytes,
        responseBytes,
        ...(inputTokens === undefined ? {} : { inputTokens }),
        ...(outputTokens === undefined ? {} : { outputTokens }),
        ...(firstByteMs === undefined ? {} : { firstByteMs }),
        durationMs,
        attempts,
      })
    },
    refused: (refusal) => logger.info('gateway.refused', { ...refusal }),
    plain: () => undefined,
  }
}
