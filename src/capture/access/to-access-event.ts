import { TriptychError } from '../../platform/triptych-error.ts'
import {
  type AccessEvent,
  accessForms,
  accessPatterns,
  attachedEventTypes,
  evidenceEvents,
  type IdentitySeen,
  inferenceSources,
  rejectionReasons,
} from '../../record/access-event.ts'
import { isOperation } from '../../record/operation.ts'
import { eventTimeOf } from './event-time.ts'
import { evidenceParams } from './evidence-params.ts'
import { inForm } from './forms.ts'
import { isObject, objectAt, textAt } from './loose-json.ts'
import { principalOf } from './principal-of.ts'
import { sourceOf } from './source-of.ts'

/** An event and the names that were replaced in it. */
export interface AccessReading {
  readonly event: AccessEvent
  readonly identities: readonly IdentitySeen[]
}

/**
 * The event a CloudTrail record tells, names replaced; what the record does not say stays empty, what it does not know is
 * ignored. Throws RECORD_INVALID, and nothing else, for a value without an event id or a time.
 */
export function toAccessEvent(raw: unknown, pseudonymKey: Uint8Array): AccessEvent {
  return readAccessEvent(raw, pseudonymKey).event
}

/** `toAccessEvent` with the names that were replaced. */
export function readAccessEvent(raw: unknown, pseudonymKey: Uint8Array): AccessReading {
  if (!isObject(raw)) throw refused('not_an_object')
  const eventId = textAt(raw, 'eventID')
  if (eventId === '' || inForm(eventId, accessForms.id) !== eventId) throw refused('no_event_id')
  const ts = eventTimeOf(textAt(raw, 'eventTime'))
  if (ts === undefined) throw refused('no_event_time')
  const principal = principalOf(raw['userIdentity'], pseudonymKey)
  const source = sourceOf(textAt(raw, 'sourceIPAddress'), pseudonymKey)
  const event: AccessEvent = {
    ts,
    eventId,
    ...envelopeOf(raw),
    principalType: inForm(textAt(raw['userIdentity'], 'type'), accessForms.code),
    principalArn: principal.arn,
    principalAlias: principal.alias,
    sessionIssuerArn: principal.issuerArn,
    accessKeyId: inForm(textAt(raw['userIdentity'], 'accessKeyId'), accessForms.key),
    sourceIdentity: principal.sourceIdentity,
    sourceAddress: source.address,
    sourceKind: source.kind,
    ...callOf(raw),
    evidenceParams: evidenceParamsOf(raw),
  }
  return { event, identities: [...principal.identities, ...source.identities] }
}

/** What every record carries, whatever it is about. */
function envelopeOf(raw: Readonly<Record<string, unknown>>) {
  const recipient = inForm(textAt(raw, 'recipientAccountId'), accessForms.account)
  return {
    recipientAccount: recipient,
    requestId: inForm(textAt(raw, 'requestID'), accessForms.id),
    eventSource: inForm(textAt(raw, 'eventSource'), accessForms.host),
    eventName: inForm(textAt(raw, 'eventName'), accessForms.code),
    eventCategory: inForm(textAt(raw, 'eventCategory'), accessForms.code),
    eventType: inForm(textAt(raw, 'eventType'), accessForms.code),
    region: inForm(textAt(raw, 'awsRegion'), accessForms.region),
    account: inForm(textAt(raw['userIdentity'], 'accountId'), accessForms.account) || recipient,
    errorCode: inForm(textAt(raw, 'errorCode'), accessForms.code),
    vpcEndpointId: inForm(textAt(raw, 'vpcEndpointId'), accessForms.key),
    readOnly: flagOf(textAt(raw, 'readOnly')),
    hostHeader: inForm(textAt(objectAt(raw, 'tlsDetails'), 'clientProvidedHostHeader'), accessForms.host),
    parentRequestId: inForm(textAt(objectAt(raw, 'serviceEventDetails'), 'parentRequestId'), accessForms.id),
    originalEventId: inForm(textAt(objectAt(raw, 'addendum'), 'originalEventID'), accessForms.id),
    sharedEventId: inForm(textAt(raw, 'sharedEventID'), accessForms.id),
  }
}

/** What a record of a model call says of it. */
function callOf(raw: Readonly<Record<string, unknown>>) {
  const request = objectAt(raw, 'requestParameters')
  const extra = objectAt(raw, 'additionalEventData')
  const agent = textAt(raw, 'userAgent')
  const inference = inferenceSources.some((source) => source === textAt(raw, 'eventSource'))
  const attached = attachedEventTypes.some((type) => type === textAt(raw, 'eventType'))
  const bearerType = textAt(request, 'bearerTokenType') || textAt(extra, 'bearerTokenType')
  const bearer = [textAt(request, 'callWithBearerToken'), textAt(extra, 'callWithBearerToken')].includes('true')
  return {
    userAgentProduct: accessPatterns.productInAgent.exec(agent)?.[1] ?? '',
    callId: accessPatterns.callIdInAgent.exec(agent)?.[1] ?? '',
    modelAsSent: inference ? inForm(textAt(request, 'modelId') || textAt(request, 'model'), accessForms.model) : '',
    inferenceRegion: inForm(textAt(extra, 'inferenceRegion'), accessForms.region),
    bearer: bearer || bearerType !== '',
    bearerType: inForm(bearerType, accessForms.key),
    isCall: inference && !attached && isOperation(textAt(raw, 'eventName')),
  }
}

function evidenceParamsOf(raw: Readonly<Record<string, unknown>>): string {
  if (!isEvidenceEvent(textAt(raw, 'eventSource'), textAt(raw, 'eventName'))) return ''
  return evidenceParams(raw['requestParameters'])
}

/** True for an event that changes what evidence there is. */
function isEvidenceEvent(source: string, name: string): boolean {
  return Object.hasOwn(evidenceEvents, source) && evidenceEvents[source]?.includes(name) === true
}

function flagOf(text: string): boolean | null {
  if (text === 'true') return true
  return text === 'false' ? false : null
}

function refused(code: keyof typeof rejectionReasons): TriptychError {
  return new TriptychError('RECORD_INVALID', { rejection: code, reason: rejectionReasons[code] })
}
