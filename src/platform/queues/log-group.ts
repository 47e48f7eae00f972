import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { TriptychError } from '../triptych-error.ts'

/** One event of a log group. Times in ms. */
export interface LogEvent {
  readonly id: string
  readonly stream: string
  readonly at: number
  readonly message: string
}

/** A log group that is read from a moment on. */
export interface LogGroup {
  /** Pages of events from `since` (ms) on, at most 1 MB each, in the order in which CloudWatch gives them. Throws SOURCE_FAILED. */
  read(since: number): AsyncIterable<readonly LogEvent[]>
}

/** A CloudWatch log group (API reference, FilterLogEvents: pages may be empty and still be followed by others). */
export function cloudWatchLogGroup(client: () => CloudWatchLogsClient, name: string): LogGroup {
  return {
    async *read(since) {
      let nextToken: string | undefined
      do {
        const command = new FilterLogEventsCommand({
          logGroupName: name,
          startTime: Math.max(0, Math.floor(since)),
          ...(nextToken === undefined ? {} : { nextToken }),
        })
        const page = await client().send(command).catch(failed)
        const events = (page.events ?? []).map(
          ({ eventId = '', logStreamName = '', timestamp = 0, message = '' }): LogEvent => ({
            id: eventId,
            stream: logStreamName,
            at: timestamp,
            message,
          }),
        )
        if (events.length > 0) yield events
        nextToken = page.nextToken
      } while (nextToken !== undefined)
    },
  }
}

function failed(cause: unknown): never {
  throw new TriptychError('SOURCE_FAILED', { reason: cause instanceof Error ? cause.name : 'unknown' }, cause)
}
