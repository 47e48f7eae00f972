import {
  type AccessForm,
  accessForms,
  accessPatterns,
  attachedEventTypes,
  evidenceEvents,
  inferenceSources,
  longestRecord,
  malformed,
  pseudonymDigits,
} from '../../record/access-event.ts'
import { aliasPattern } from '../../record/alias.ts'
import { operations } from '../../record/operation.ts'
import { sqlLiteral } from './statement.ts'

// The engine's way from a CloudTrail record to columns: the same rules as `toAccessEvent` in SQL, from the same patterns.
// A contract test compares the two, row by row.

/** Text everywhere: the engine turns numbers and booleans into text, null and absence into ''. */
const own = 'String'
/** What many records share: patterns and keyed hashes are then worked out once for each value, not once for each record. */
const few = 'LowCardinality(String)'
const recordType = `Tuple(
  eventID ${own}, requestID ${own}, eventTime ${own}, eventSource ${few}, eventName ${few}, eventCategory ${few},
  eventType ${few}, awsRegion ${few}, recipientAccountId ${few}, sourceIPAddress ${few}, userAgent ${own},
  errorCode ${few}, readOnly ${few}, vpcEndpointId ${few}, sharedEventID ${own},
  userIdentity Tuple(type ${few}, arn ${few}, accountId ${few}, accessKeyId ${few}, userName ${few}, invokedBy ${few},
    onBehalfOf Tuple(userId ${few}),
    sessionContext Tuple(sourceIdentity ${few}, sessionIssuer Tuple(arn ${few}))),
  requestParameters Tuple(modelId ${few}, model ${few}, callWithBearerToken ${few}, bearerTokenType ${few}),
  additionalEventData Tuple(callWithBearerToken ${few}, bearerTokenType ${few}, inferenceRegion ${few}),
  tlsDetails Tuple(clientProvidedHostHeader ${few}),
  serviceEventDetails Tuple(parentRequestId ${own}),
  addendum Tuple(originalEventID ${own}))`

/** A list where an object should be would be read by position: such a record is left to the other reader. */
const listForObject =
  '"(?:userIdentity|onBehalfOf|sessionContext|sessionIssuer|requestParameters|additionalEventData|tlsDetails|serviceEventDetails|addendum)"\\s*:\\s*\\['

/** Names and addresses as they stood in the record: they are read from here and go to no table on disk. */
export const identityColumns = [
  'name_text',
  'name_kind',
  'issuer_text',
  'issuer_alias',
  'issuer_kind',
  'identity_text',
  'address_text',
] as const

type Named = readonly (readonly [name: string, expression: string])[]

/**
 * Steps of the reading, each layer a query over the one before: a name used in its own layer would be expanded wherever it
 * stands, and planning would take longer than reading.
 */
const layers: readonly Named[] = [
  [['e', `JSONExtract(raw, ${sqlLiteral(recordType)})`]],
  [
    ['arn', 'e.userIdentity.arn'],
    ['issuer', 'e.userIdentity.sessionContext.sessionIssuer.arn'],
    ['identity_text', 'e.userIdentity.sessionContext.sourceIdentity'],
    ['address_text', 'e.sourceIPAddress'],
    ['recipient', form('e.recipientAccountId', accessForms.account)],
    ['time_part', `extractGroups(e.eventTime, ${sqlLiteral(accessPatterns.eventTime.source)})`],
    ['inference', `e.eventSource IN (${list(inferenceSources)})`],
    ['bearer_text', orElse('e.requestParameters.bearerTokenType', 'e.additionalEventData.bearerTokenType')],
    ['model_text', orElse('e.requestParameters.modelId', 'e.requestParameters.model')],
  ],
  [
    ['arn_has_name', hasName('arn')],
    ['arn_tail', lastPart('arn')],
    ['issuer_has_name', hasName('issuer')],
    ['issuer_tail', lastPart('issuer')],
    ['name_kind', kindOfArn('arn')],
    ['issuer_kind', kindOfArn('issuer')],
    ['source_kind', sourceKind()],
  ],
  [
    ['name_text', `if(arn = '', ${nameWithoutArn()}, if(arn_has_name, arn_tail, ''))`],
    ['issuer_text', "if(issuer_has_name, issuer_tail, '')"],
    ['arn_prefix', 'substring(arn, 1, length(arn) - length(arn_tail))'],
    ['issuer_prefix', 'substring(issuer, 1, length(issuer) - length(issuer_tail))'],
  ],
  [
    ['principal_alias', nameless('name_text')],
    ['issuer_alias', nameless('issuer_text')],
  ],
]

/** Column of `access_events` → expression over the steps. */
const columns: Named = [
  ['ts', `toDateTime64OrNull(${isoText()}, 3, 'UTC')`],
  ['event_id', 'e.eventID'],
  ['recipient_account', 'recipient'],
  ['request_id', form('e.requestID', accessForms.id)],
  ['event_source', form('e.eventSource', accessForms.host)],
  ['event_name', form('e.eventName', accessForms.code)],
  ['event_category', form('e.eventCategory', accessForms.code)],
  ['event_type', form('e.eventType', accessForms.code)],
  ['region', form('e.awsRegion', accessForms.region)],
  ['account', orElse(form('e.userIdentity.accountId', accessForms.account), 'recipient')],
  ['principal_type', form('e.userIdentity.type', accessForms.code)],
  ['principal_arn', `if(arn = '', ${serviceName()}, ${namelessArn('arn', 'principal_alias')})`],
  ['principal_alias', 'principal_alias'],
  ['session_issuer_arn', namelessArn('issuer', 'issuer_alias')],
  ['access_key_id', form('e.userIdentity.accessKeyId', accessForms.key)],
  ['source_identity', nameless('identity_text')],
  ['source_address', `if(address_text = '' OR source_kind = 'aws', address_text, ${pseudonym('address_text')})`],
  ['source_kind', 'source_kind'],
  ['user_agent_product', `extract(e.userAgent, ${sqlLiteral(accessPatterns.productInAgent.source)})`],
  ['call_id', `extract(e.userAgent, ${sqlLiteral(accessPatterns.callIdInAgent.source)})`],
  ['error_code', form('e.errorCode', accessForms.code)],
  ['model_as_sent', `if(inference, ${form('model_text', accessForms.model)}, '')`],
  ['inference_region', form('e.additionalEventData.inferenceRegion', accessForms.region)],
  ['bearer', bearer()],
  ['bearer_type', form('bearer_text', accessForms.key)],
  ['vpc_endpoint_id', form('e.vpcEndpointId', accessForms.key)],
  ['read_only', `multiIf(e.readOnly = 'true', 1, e.readOnly = 'false', 0, NULL)`],
  ['host_header', form('e.tlsDetails.clientProvidedHostHeader', accessForms.host)],
  ['parent_request_id', form('e.serviceEventDetails.parentRequestId', accessForms.id)],
  ['original_event_id', form('e.addendum.originalEventID', accessForms.id)],
  ['shared_event_id', form('e.sharedEventID', accessForms.id)],
  ['evidence_params', "''"],
  [
    'is_call',
    `inference AND e.eventType NOT IN (${list(attachedEventTypes)}) AND e.eventName IN (${list(operations)})`,
  ],
]

/** The columns of `access_events` that a record decides. */
export const accessColumns: readonly string[] = [...columns.map(([column]) => column), 'row_in_file']

/** SELECT of the distinct names in a table that `accessSelect` filled: alias, text, kind. */
export function identitySelect(table: string): string {
  const sources = [
    ['principal_alias', 'name_text', 'name_kind'],
    ['issuer_alias', 'issuer_text', 'issuer_kind'],
    ['source_identity', 'identity_text', "'user'"],
    ['source_address', 'address_text', "'address'"],
  ]
  const each = sources.map(
    ([alias, text, kind]) => `SELECT ${alias} AS alias, ${text} AS text, ${kind} AS kind FROM ${table}`,
  )
  return `SELECT DISTINCT alias, text, kind FROM (${each.join(' UNION ALL ')}) WHERE text != '' AND alias != text`
}

/**
 * SELECT of the columns of every record in `source` (a query that gives `raw`, one JSON text per record, and, where it holds several
 * files, `row_in_file` and `file_id`), with `row_in_file`, the identity columns, and `odd`: 1 for a record this reading may not judge (broken, without id or time,
 * of an unexpected shape, or one whose request is kept). Binds `{key:String}`, the pseudonym key in hexadecimal.
 */
export function accessSelect(source: string, files: 'one' | 'many' = 'one'): string {
  const numbered =
    files === 'many' ? source : `SELECT raw, toUInt32(rowNumberInAllBlocks() + 1) AS row_in_file FROM (${source})`
  const read = layers.reduce((below, layer) => `SELECT *, ${named(layer)}\nFROM (${below})`, numbered)
  return `SELECT ${named(columns)}, ${identityColumns.join(', ')}, row_in_file, ${odd()} AS odd${files === 'many' ? ', file_id' : ''}\nFROM (${read})`
}

function named(expressions: Named): string {
  return expressions.map(([name, expression]) => (name === expression ? name : `${expression} AS ${name}`)).join(', ')
}

function odd(): string {
  return [
    'isNull(ts)',
    "event_id = ''",
    `NOT ${inForm('event_id', accessForms.id)}`,
    `(position(raw, '[') > 0 AND match(raw, ${sqlLiteral(listForObject)}))`,
    `length(raw) > ${longestRecord}`,
    ...Object.entries(evidenceEvents).map(
      ([source, names]) => `(e.eventSource = ${sqlLiteral(source)} AND e.eventName IN (${list(names)}))`,
    ),
  ].join(' OR ')
}

function form(expression: string, by: AccessForm): string {
  return `if(${inForm(expression, by)}, ${expression}, ${sqlLiteral(malformed)})`
}

function inForm(expression: string, { pattern, longest }: AccessForm): string {
  const match = matches(expression, pattern)
  return longest === undefined ? match : `(${match} AND length(${expression}) <= ${longest})`
}

function matches(expression: string, pattern: RegExp): string {
  return `match(${expression}, ${sqlLiteral(pattern.source)})`
}

function hasName(arn: string): string {
  return `(${arn} != '' AND NOT ${matches(arn, accessPatterns.arnWithoutName)})`
}

function lastPart(text: string): string {
  return `extract(${text}, '([^/]*)$')`
}

function pseudonym(text: string): string {
  return `concat('q', lower(substring(hex(HMAC('sha256', ${text}, unhex({key:String}))), 1, ${pseudonymDigits})))`
}

function nameless(text: string): string {
  const stays = `${text} = '' OR ${matches(text, aliasPattern)} OR ${matches(text, accessPatterns.instanceId)}`
  return `if(${stays}, ${text}, ${pseudonym(text)})`
}

function kindOfArn(arn: string): string {
  return `if(${matches(arn, accessPatterns.arnOfSession)}, 'session', 'user')`
}

/** `arn` and `issuer` have their parts in columns of the same beginning. */
function namelessArn(arn: 'arn' | 'issuer', alias: string): string {
  const prefix = `${arn}_prefix`
  const kept = `if(${inForm(prefix, accessForms.arn)}, ${prefix}, ${sqlLiteral(`${malformed}/`)})`
  return `if(${arn}_has_name, concat(${kept}, ${alias}), ${form(arn, accessForms.arn)})`
}

function nameWithoutArn(): string {
  return `if(e.userIdentity.type = 'AWSService', '', ${orElse('e.userIdentity.onBehalfOf.userId', 'e.userIdentity.userName')})`
}

function serviceName(): string {
  return `if(e.userIdentity.type = 'AWSService', ${form('e.userIdentity.invokedBy', accessForms.host)}, '')`
}

function sourceKind(): string {
  const place = (pattern: RegExp) => `if(${matches('address_text', pattern)}, 'private', 'public')`
  return `multiIf(${matches('address_text', accessPatterns.awsService)}, 'aws',
    ${matches('address_text', accessPatterns.ipv4)}, ${place(accessPatterns.privateIpv4)},
    ${matches('address_text', accessPatterns.ipv6)}, ${place(accessPatterns.privateIpv6)}, 'unknown')`
}

function bearer(): string {
  const said = "'true' IN (e.requestParameters.callWithBearerToken, e.additionalEventData.callWithBearerToken)"
  return `${said} OR bearer_text != ''`
}

function isoText(): string {
  return "concat(time_part[1], ' ', time_part[2], '.', substring(rightPad(time_part[3], 3, '0'), 1, 3))"
}

function orElse(first: string, second: string): string {
  return `if(${first} != '', ${first}, ${second})`
}

function list(values: readonly string[]): string {
  return values.map(sqlLiteral).join(', ')
}
