import { accountId } from './estate.ts'
import { type Caller, seconds } from './identity.ts'
import type { Random } from './random.ts'

/** An API call as CloudTrail is told of it. */
export interface ApiEvent {
  readonly at: number
  readonly region: string
  readonly eventSource: string
  readonly eventName: string
  readonly caller: Caller
  readonly sourceAddress: string
  readonly userAgent: string
  readonly host: string
  readonly requestId: string
  readonly requestParameters: unknown
  readonly responseElements?: unknown
  readonly resources?: readonly Readonly<Record<string, string>>[]
  readonly readOnly: boolean
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly additionalEventData?: Readonly<Record<string, unknown>>
}

/** A record in CloudTrail's form (CloudTrail user guide, record contents). */
export function toRecord(event: ApiEvent, random: Random): Record<string, unknown> {
  return {
    eventVersion: '1.11',
    userIdentity: event.caller.userIdentity,
    eventTime: seconds(event.at),
    eventSource: event.eventSource,
    eventName: event.eventName,
    awsRegion: event.region,
    sourceIPAddress: event.sourceAddress,
    userAgent: event.userAgent.slice(0, 1024),
    ...(event.errorCode === undefined ? {} : { errorCode: event.errorCode, errorMessage: event.errorMessage ?? '' }),
    requestParameters: event.requestParameters,
    responseElements: event.responseElements ?? null,
    ...(event.additionalEventData === undefined ? {} : { additionalEventData: event.additionalEventData }),
    requestID: event.requestId,
    eventID: random.uuid(),
    readOnly: event.readOnly,
    ...(event.resources === undefined ? {} : { resources: event.resources }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: 'Management',
    tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: event.host },
  }
}

/** The service event that sometimes accompanies an inference call; third-party reports only, so it is played now and then. */
export function companion(event: ApiEvent, random: Random): Record<string, unknown> {
  return {
    eventVersion: '1.11',
    userIdentity: { accountId, invokedBy: 'bedrock.amazonaws.com' },
    eventTime: seconds(event.at),
    eventSource: event.eventSource,
    eventName: event.eventName,
    awsRegion: event.region,
    sourceIPAddress: 'bedrock.amazonaws.com',
    userAgent: 'bedrock.amazonaws.com',
    requestParameters: null,
    responseElements: null,
    requestID: random.uuid(),
    eventID: random.uuid(),
    readOnly: true,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: accountId,
    serviceEventDetails: { parentRequestId: event.requestId },
    eventCategory: 'Management',
  }
}
