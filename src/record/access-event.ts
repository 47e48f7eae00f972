import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { metadata } from './field-class.ts'

/** The form of a kept value; `longest` where RE2, which repeats a thousand times at most, cannot say it. */
export interface AccessForm {
  readonly pattern: RegExp
  readonly longest?: number
}

/**
 * The forms in which a value of a CloudTrail record is kept, '' among them; anything else is kept as `malformed`. The
 * patterns mean the same to JavaScript and RE2 (ASCII, no `.`), because the engine applies them too.
 */
export const accessForms = {
  id: { pattern: /^[A-Za-z0-9._:/+=-]{0,256}$/ },
  code: { pattern: /^[A-Za-z0-9._:/-]{0,128}$/ },
  region: { pattern: /^[a-z0-9-]{0,32}$/ },
  account: { pattern: /^[A-Za-z0-9_-]{0,64}$/ },
  key: { pattern: /^[A-Za-z0-9_-]{0,128}$/ },
  arn: { pattern: /^(?:arn:[A-Za-z0-9:/_+=,.@-]{1,508})?$/ },
  host: { pattern: /^[A-Za-z0-9.:_-]{0,253}$/ },
  model: { pattern: /^[A-Za-z0-9:._/-]*$/, longest: 2048 },
} as const satisfies Record<string, AccessForm>

/** Patterns that find parts of a value; as `accessForms`, they mean the same to JavaScript and RE2. */
export const accessPatterns = {
  /** The call id in the User-Agent that our gateways send. */
  callIdInAgent: /^triptych\/[!-~]{1,32} call\/([0-9a-hjkmnp-tv-z]{38})$/,
  /** The first product token of a User-Agent. */
  productInAgent: /^([A-Za-z0-9._-]{1,64}(?:\/[A-Za-z0-9._+-]{1,32})?)(?: |$)/,
  /** ARNs that name no person: a role, the root user of an account. */
  arnWithoutName: /^arn:[^:]*:iam:[^:]*:[^:]*:(?:root$|role\/)/,
  arnOfSession: /^arn:[^:]*:sts:[^:]*:[^:]*:(?:assumed-role|federated-user)\//,
  /** EC2 gives sessions of an instance profile the instance's id. */
  instanceId: /^i-[0-9a-f]{8,17}$/,
  /** What stands for the address when a service of AWS called on somebody's behalf. */
  awsService: /^(?:[a-z0-9-]{1,63}\.){1,8}amazonaws\.com(?:\.cn)?$|^AWS Internal(?:\/[0-9]{1,8})?$/,
  ipv4: /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/,
  ipv6: /^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,44}$/,
  /** RFC 1918, RFC 6598 (carrier-grade NAT), loopback and link-local. */
  privateIpv4:
    /^(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2[0-9]|3[01])|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))\./,
  /** RFC 4193 (unique local), link-local and loopback. */
  privateIpv6: /^(?:[Ff][CcDd][0-9A-Fa-f]{0,2}:|[Ff][Ee][89ABab][0-9A-Fa-f]:|::1$)/,
  /** Date, time and fraction of an `eventTime`; whether the day exists is for the calendar to say. */
  eventTime:
    /^(2[01][0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))T((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]{1,9}))?Z$/,
} as const

/** What stands for a value that has not the form of its field. */
export const malformed = 'malformed'

const code = z.string().max(128)
const id = z.string().max(256)

/** Where an address lies: `private` RFC 1918, 6598, 4193 or link-local; `aws` a service of AWS; `public` any other. */
const sourceKinds = ['private', 'public', 'aws', 'unknown'] as const

/** Layer 1's record: one CloudTrail event, names replaced by pseudonyms. An absent text is '', an absent flag null. */
export const accessEventSchema = z.object({
  /** CloudTrail's `eventTime`, when the request completed, to the millisecond. */
  ts: metadata(z.iso.datetime()),
  eventId: metadata(id.min(1)),
  recipientAccount: metadata(code),
  requestId: metadata(id),
  eventSource: metadata(code),
  eventName: metadata(code),
  eventCategory: metadata(code),
  eventType: metadata(code),
  region: metadata(code),
  account: metadata(code),
  principalType: metadata(code),
  /** The ARN, its last part an alias or pseudonym where it names a person; the service's name where there is no ARN. */
  principalArn: metadata(z.string().max(640)),
  /** The last part: an alias of ours, a pseudonym or an instance id; '' for a role, a service or the root user. */
  principalAlias: metadata(code),
  sessionIssuerArn: metadata(z.string().max(640)),
  accessKeyId: metadata(code),
  sourceIdentity: metadata(code),
  /** A pseudonym of the address; the name of a service of AWS as it is. */
  sourceAddress: metadata(z.string().max(253)),
  sourceKind: metadata(z.enum(sourceKinds)),
  userAgentProduct: metadata(code),
  /** From a User-Agent of the form our gateway sends; whether it is ours, its MAC tells. */
  callId: metadata(code),
  errorCode: metadata(code),
  modelAsSent: metadata(z.string().max(2048)),
  inferenceRegion: metadata(code),
  /** Called with a Bedrock API key. */
  bearer: metadata(z.boolean()),
  bearerType: metadata(code),
  vpcEndpointId: metadata(code),
  readOnly: metadata(z.boolean().nullable()),
  hostHeader: metadata(z.string().max(253)),
  parentRequestId: metadata(id),
  originalEventId: metadata(id),
  sharedEventId: metadata(id),
  /** A model call's own record; what only attaches to a call (network activity, service events) is not one. */
  isCall: metadata(z.boolean()),
  /** The request as JSON, for events that change the evidence itself; '' for every other. */
  evidenceParams: metadata(z.string().max(131_072)),
})

/** One event of layer 1. */
export type AccessEvent = z.infer<typeof accessEventSchema>

/** The event sources under which AWS logs model calls. Source: Amazon Bedrock User Guide, "Log API calls". */
export const inferenceSources = [
  'bedrock.amazonaws.com',
  'bedrock-mantle.amazonaws.com',
  'aws-external-anthropic.amazonaws.com',
] as const

/** Event types that attach to a call and are none. AWS's table and AWS's samples spell the second differently. */
export const attachedEventTypes = ['AwsServiceEvent', 'AwsVpceEvent', 'AwsVpceEvents'] as const

/** Events that change what evidence there is, by source: their request is kept. */
export const evidenceEvents: Readonly<Record<string, readonly string[]>> = {
  'bedrock.amazonaws.com': [
    'PutModelInvocationLoggingConfiguration',
    'DeleteModelInvocationLoggingConfiguration',
    'PutAccountDataRetention',
    'PutEnforcedGuardrailConfiguration',
    'DeleteEnforcedGuardrailConfiguration',
    'PutResourcePolicy',
    'DeleteGuardrail',
    'UpdateGuardrail',
  ],
  'cloudtrail.amazonaws.com': [
    'StopLogging',
    'StartLogging',
    'CreateTrail',
    'DeleteTrail',
    'UpdateTrail',
    'PutEventSelectors',
    'PutInsightSelectors',
    'PutEventConfiguration',
    'DeregisterOrganizationDelegatedAdmin',
  ],
  's3.amazonaws.com': [
    'PutBucketLifecycle',
    'PutBucketLifecycleConfiguration',
    'PutBucketPolicy',
    'DeleteBucketPolicy',
    'PutBucketVersioning',
    'DeleteBucket',
    'DeleteBucketLifecycle',
    'DeleteBucketEncryption',
    'PutObjectLockConfiguration',
    'PutBucketObjectLockConfiguration',
  ],
  'ec2.amazonaws.com': [
    'DeleteFlowLogs',
    'DeleteVpcEndpoints',
    'ModifyVpcEndpoint',
    'CreateRoute',
    'CreateNatGateway',
    'CreateInternetGateway',
  ],
  'logs.amazonaws.com': [
    'DeleteLogStream',
    'DeleteLogGroup',
    'PutRetentionPolicy',
    'PutDataProtectionPolicy',
    'DeleteDataProtectionPolicy',
  ],
  'kms.amazonaws.com': ['DisableKey', 'ScheduleKeyDeletion', 'PutKeyPolicy'],
}

/** A name found in AWS's log and what stands for it; the caller keeps the pair, encrypted, in the vault. */
export interface IdentitySeen {
  readonly alias: string
  readonly text: string
  readonly kind: 'session' | 'user' | 'address'
}

/** Why a record could not be taken in; a closed vocabulary, never what the record held. */
export const rejectionReasons = {
  not_json: 'not JSON',
  not_an_object: 'not a JSON object',
  no_event_id: 'no eventID of a known form',
  no_event_time: 'no eventTime of the form YYYY-MM-DDTHH:MM:SSZ',
  too_large: 'a record over 1 MB',
  truncated_gzip: 'truncated gzip',
  broken_gzip: 'broken gzip',
  cut_off: 'the file ends inside a record',
} as const

/** A record that was refused. */
export interface RejectedRecord {
  /** The number of the record in its file, from 1. */
  readonly position: number
  readonly code: keyof typeof rejectionReasons
  readonly reason: string
}

/** One record of a CloudTrail file, read or refused. */
export type ReadRecord =
  | { readonly position: number; readonly event: AccessEvent; readonly identities: readonly IdentitySeen[] }
  | { readonly position: number; readonly rejected: RejectedRecord }

/** A record longer than this is refused, bytes. CloudTrail's own bound is 256 KB. */
export const longestRecord = 1_000_000

/** Characters of the digest that a pseudonym keeps: 80 bits. */
export const pseudonymDigits = 20

/**
 * What stands for a name that is not ours: `q` and the first 20 hexadecimal digits of HMAC-SHA256.
 * @param key 32 bytes; without it nobody can test a guess
 */
export function pseudonymOf(key: Uint8Array, text: string): string {
  return `q${createHmac('sha256', key).update(text, 'utf8').digest('hex').slice(0, pseudonymDigits)}`
}
