import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { TriptychError } from '../triptych-error.ts'

/** A message that was received and not yet deleted. */
export interface QueueMessage {
  readonly id: string
  readonly body: string
  /** How often it was received, this time counted. */
  readonly receives: number
  /** Keeps it from others for as long as something is done with it. */
  whileBusy<Result>(act: () => Promise<Result>): Promise<Result>
  delete(): Promise<void>
}

/** A queue that messages are taken from; what is not deleted comes again. */
export interface MessageQueue {
  /** Up to ten messages; none when the queue is empty. Throws SOURCE_FAILED. */
  receive(): Promise<readonly QueueMessage[]>
}

/** How long a received message is nobody else's, s; renewed at half of it. */
const visibilitySeconds = 60
/** Long polling asks all of SQS's servers (Amazon SQS developer guide): a short answer may miss a message. */
const waitSeconds = 1

/** An SQS queue, or one that speaks like it. */
export function sqsQueue(client: () => SQSClient, url: string): MessageQueue {
  const change = (handle: string, seconds: number) =>
    client().send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: seconds }),
    )
  return {
    async receive() {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      })
      const { Messages = [] } = await client().send(command).catch(failed)
      return Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '', Attributes }) => ({
        id: MessageId,
        body: Body,
        receives: Number(Attributes?.ApproximateReceiveCount ?? 1),
        async whileBusy(act) {
          // Where the renewal fails the message comes again, and what it names is taken in again, which changes nothing.
          const renew = () => void change(ReceiptHandle, visibilitySeconds).catch(() => undefined)
          const timer = setInterval(renew, (visibilitySeconds * 1000) / 2)
          try {
            return await act()
          } finally {
            clearInterval(timer)
          }
        },
        async delete() {
          await client()
            .send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }))
            .catch(failed)
        },
      }))
    },
  }
}

function failed(cause: unknown): never {
  throw new TriptychError('SOURCE_FAILED', { reason: cause instanceof Error ? cause.name : 'unknown' }, cause)
}
