import { z } from 'zod'
import { foreignProducts, foreignSourcePattern } from '../record/foreign-call.ts'

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `20s`, `1h`, `24h` → milliseconds. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a number with a unit: 500ms, 20s, 5m, 1h, 30d')
  .transform((text) => {
    const [, number, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? []
    return Number(number) * (unitMs[unit ?? 'ms'] ?? 1)
  })

/** `host:port`. */
const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'host:port')
  .transform((text) => {
    const at = text.lastIndexOf(':')
    return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
  })

const region = z.string().regex(/^[a-z0-9-]{1,32}$/, 'an AWS region')
const account = z.string().regex(/^\d{12}$/, 'a 12-digit account id')
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day, YYYY-MM-DD')
const url = z.url({ protocol: /^https?$/ })

const awsSchema = z.strictObject({
  region: region.default('us-east-1'),
  /** Only where they differ from AWS's own addresses. Credentials come from the SDK's default chain. */
  endpoints: z
    .strictObject({
      bedrockRuntime: url.optional(),
      bedrock: url.optional(),
      s3: url.optional(),
      sts: url.optional(),
      cloudTrail: url.optional(),
      logs: url.optional(),
      kms: url.optional(),
      sqs: url.optional(),
    })
    .default({}),
})

/** What is believed of people must not come over a line that anybody can write to. */
const issuerUrl = url.refine(
  (text) => text.startsWith('https:') || /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|\/|$)/.test(text),
  'https, or http on this machine',
)

const oidcSchema = z.strictObject({
  issuer: issuerUrl,
  audience: z.string().min(1),
  jwksUri: issuerUrl.optional(),
  teamClaim: z.string().min(1).default('team'),
  projectClaim: z.string().min(1).default('project'),
  costCentreClaim: z.string().min(1).default('cost_centre'),
  groupsClaim: z.string().min(1).default('groups'),
  /** Claims that list among which values a caller may choose by a header. */
  choiceClaims: z
    .strictObject({
      team: z.string().min(1).optional(),
      project: z.string().min(1).optional(),
      costCentre: z.string().min(1).optional(),
    })
    .default({}),
})

const s3Address = z.string().regex(/^s3:\/\/[a-z0-9.-]{3,63}(\/.*)?$/, 's3://bucket/prefix')
const oneOf = 'needs exactly one of s3 and directory'
const isOnePlace = (place: { readonly s3?: string | undefined; readonly directory?: string | undefined }) =>
  (place.s3 === undefined) !== (place.directory === undefined)

/** Where pieces of a journal are put, and how often. */
const placeSchema = z
  .strictObject({
    s3: s3Address.optional(),
    directory: z.string().min(1).optional(),
    every: duration.default(10_000),
  })
  .refine(isOnePlace, oneOf)

const gatewaySchema = z.strictObject({
  /** Names this gateway in its journal and call ids; each gateway of a company needs its own. */
  id: z
    .string()
    .regex(/^[0-9a-hjkmnp-tv-z]{4}$/, 'four characters of 0-9 a-z without i l o u')
    .default('gw01'),
  listen: address.default({ host: '127.0.0.1', port: 8787 }),
  identity: z
    .strictObject({
      oidc: z.array(oidcSchema).default([]),
      serviceKeys: z.boolean().default(true),
      /** Callers with a certificate that `tls.clientCaFile` has signed. */
      clientCertificates: z
        .strictObject({
          subjectFrom: z.enum(['cn', 'email', 'uri']).default('cn'),
          kind: z.enum(['person', 'service']).default('person'),
        })
        .optional(),
      /** A proxy that has signed people in; it proves itself by a shared secret or by its own client certificate. */
      proxy: z
        .strictObject({
          issuer: z.string().min(1).max(512),
          secretFile: z.string().min(1).optional(),
          fingerprints: z.array(z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256, 64 hexadecimal digits')).default([]),
        })
        .optional(),
    })
    .prefault({}),
  /** The gateway's own TLS; without it keep it on loopback or behind a balancer. */
  tls: z
    .strictObject({
      certFile: z.string().min(1),
      keyFile: z.string().min(1),
      clientCaFile: z.string().min(1).optional(),
    })
    .optional(),
  /** Where Prometheus asks; without it nowhere. */
  metrics: address.optional(),
  /** A log line for each call, without content and without anybody's name. */
  accessLog: z.boolean().default(true),
  /** Processes that share the port; each has its own journal, named by the id with its last character counted on. */
  workers: z.number().int().min(1).max(32).default(1),
  /** How long calls may still run when the gateway is told to end. */
  drain: duration.default(600_000),
  /** Connections begin with a PROXY protocol header, version 1 or 2. */
  proxyProtocol: z.boolean().default(false),
  sts: z
    .strictObject({
      /** `webIdentity`: AWS itself verifies the person's token; the role must trust the issuer. */
      mode: z.enum(['assumeRole', 'webIdentity']).default('assumeRole'),
      /** While STS is away: refuse calls, or send them with the gateway's own credentials, recorded as such. */
      onFailure: z.enum(['refuse', 'shared']).default('refuse'),
      role: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, 'the ARN of an IAM role'),
      sessionName: z.enum(['alias']).default('alias'),
    })
    .optional(),
  models: z
    .strictObject({
      /** Patterns on base model ids; `*` stands for anything. */
      allow: z.array(z.string().min(1)).default(['anthropic.*']),
      /** Anthropic's model names → Bedrock's ids, for /v1/messages. */
      names: z.record(z.string(), z.string()).default({}),
    })
    .default({ allow: ['anthropic.*'], names: {} }),
  /** A file with who may use what, and how much; it is read again when it changes. Without it `models.allow` holds for everybody. */
  policy: z.string().min(1).optional(),
  /** A price list of your own. */
  prices: z.string().min(1).optional(),
  limits: z
    .strictObject({
      /** Where several gateways share their counts; without it each counts for itself. */
      redis: z.url({ protocol: /^rediss?$/ }).optional(),
      redisPasswordFile: z.string().min(1).optional(),
      /** What happens to calls while the counts cannot be asked. */
      onFailure: z.enum(['refuse', 'allow']).default('refuse'),
      /** From which share of a limit on the answer says so. */
      warnAt: z.number().min(0).max(1).default(0.8),
    })
    .prefault({}),
  /** Region of a cross-region geography (`eu: eu-west-1`); every other call goes to aws.region. */
  regions: z.record(z.string(), region).default({}),
  /** Addresses under which AWS sees this gateway; a session of ours used from elsewhere is a stolen one. Empty: not checked. */
  addresses: z.array(z.string()).default([]),
  audit: z.strictObject({ onFailure: z.enum(['refuse']).default('refuse') }).default({ onFailure: 'refuse' }),
  /** A client that hangs up: read the answer to its end (Bedrock bills it whole, and only so is the figure true), or let it go. */
  abort: z.strictObject({ drain: z.boolean().default(true) }).prefault({}),
  heartbeat: duration.default(10_000),
  journal: z
    .strictObject({
      /** A segment is closed at this size. */
      segmentBytes: z
        .number()
        .int()
        .min(1)
        .default(8 * 1024 * 1024),
      /** And when it is this old. */
      segmentEvery: duration.default(3_600_000),
      /** Free space of its disk below which no call goes out any more: it is kept for what runs. 0: none. */
      reserveBytes: z
        .number()
        .int()
        .min(0)
        .default(64 * 1024 * 1024),
      /** `ship`: a call goes out when its intent is durable in the place that `ship` names, too. */
      replicate: z.enum(['none', 'ship']).default('none'),
    })
    .prefault({}),
  /** The second place of journal and alias book, for a gateway on a machine of its own. */
  ship: placeSchema.optional(),
  /** Request bytes held at a time, all calls together. */
  inFlightBytes: z.number().int().min(25_000_000).default(512_000_000),
})

const sourceSchema = z
  .strictObject({
    /** `journals`: what gateways on other machines ship. */
    type: z.enum(['cloudtrail', 'invocations', 'gateway-log', 'journals']),
    /** Whose log it is, for a gateway log. */
    format: z.enum(foreignProducts).optional(),
    /** Tells installations of one product apart. */
    name: z.string().regex(foreignSourcePattern, 'up to 32 of A-Z a-z 0-9 _ . -').optional(),
    s3: s3Address.optional(),
    directory: z.string().min(1).optional(),
    /** A CloudWatch log group: of a trail, or of invocation logging. */
    logGroup: z
      .string()
      .regex(/^[A-Za-z0-9_/.#-]{1,512}$/, 'the name of a log group')
      .optional(),
    /** The queue that is told of new objects of `s3`. */
    sqs: url.optional(),
    /** Where bodies lie that are too large for CloudWatch. */
    bodies: s3Address.optional(),
    /** Where queue and log group are; default `aws.region`. */
    region: region.optional(),
    /** The role under which another account is read. */
    role: z
      .strictObject({
        arn: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.{1,512}$/, 'the ARN of a role'),
        externalId: z.string().min(2).max(1224).optional(),
      })
      .optional(),
    /** How often it is looked at; default 1s for a queue, else 60s. */
    every: duration.optional(),
    /** How often `s3` is listed although a queue tells what is new: notifications may be lost. */
    listEvery: duration.default(3_600_000),
  })
  .refine(
    (source) => [source.s3, source.directory, source.logGroup].filter((place) => place !== undefined).length === 1,
    {
      error: 'needs exactly one of s3, directory and logGroup',
    },
  )
  .refine((source) => source.sqs === undefined || source.s3 !== undefined, {
    path: ['sqs'],
    error: 'tells of what is new in s3: name that, too',
  })
  .refine((source) => source.logGroup === undefined || ['cloudtrail', 'invocations'].includes(source.type), {
    path: ['logGroup'],
    error: 'belongs to cloudtrail or invocations',
  })
  .refine((source) => source.bodies === undefined || (source.logGroup !== undefined && source.type === 'invocations'), {
    path: ['bodies'],
    error: 'belongs to a logGroup of invocations',
  })
  .refine((source) => source.role === undefined || source.directory === undefined, {
    path: ['role'],
    error: 'belongs to s3 or a logGroup',
  })
  .refine((source) => (source.type === 'gateway-log') === (source.format !== undefined), {
    path: ['format'],
    error: 'belongs to a gateway-log, and has to be there',
  })
  .refine((source) => source.type === 'gateway-log' || source.name === undefined, {
    path: ['name'],
    error: 'belongs to a gateway-log',
  })

const contentSchema = z.strictObject({
  default: z.enum(['none', 'keep']).default('none'),
  rules: z
    .array(
      z.strictObject({
        account,
        region,
        policy: z.enum(['none', 'keep']),
        decision: z.string().min(1).max(64),
        until: day.optional(),
      }),
    )
    .default([]),
})

const expectedSchema = z.strictObject({
  principal: z.string().min(1),
  models: z.array(z.string().min(1)).default(['*']),
  reason: z.string().min(1),
  approver: z.string().min(1),
  until: day,
})

const corroborateSchema = z.strictObject({
  window: z
    .strictObject({
      cloudtrail: duration.default(3_600_000),
      invocations: duration.default(3_600_000),
      final: duration.default(86_400_000),
    })
    .default({ cloudtrail: 3_600_000, invocations: 3_600_000, final: 86_400_000 }),
  expected: z.array(expectedSchema).default([]),
  every: duration.default(5_000),
})

/** Where checkpoints are kept outside: an address of the operator's, never one out of data. */
const publishSchema = z
  .strictObject({
    directory: z.string().min(1).optional(),
    s3: s3Address.optional(),
    https: z
      .string()
      .regex(/^(https:\/\/[^/?#\s]+|http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?)(\/[^?#\s]*)?$/, 'an https address')
      .optional(),
    every: duration.default(60_000),
  })
  .refine(
    ({ directory, s3, https }) => [directory, s3, https].filter((place) => place !== undefined).length === 1,
    'needs exactly one of directory, s3 and https',
  )

const ledgerSchema = z.strictObject({
  /** Names the log and its key, for ever; default `triptych.local/<8 digits of the key's hash>`. */
  origin: z
    .string()
    .regex(/^[^\s+\p{Cc}]{1,255}$/u, 'a name without white space and +')
    .optional(),
  publish: z.array(publishSchema).default([]),
})

/** All configuration; every key a script may rely on. Unknown keys are refused. */
export const configSchema = z.strictObject({
  dataDir: z.string().min(1).default('./data'),
  aws: awsSchema.default({ region: 'us-east-1', endpoints: {} }),
  gateway: gatewaySchema.prefault({}),
  hub: z
    .strictObject({
      listen: address.default({ host: '127.0.0.1', port: 8788 }),
      /** The address under which browsers reach it, when something that speaks TLS stands before it. */
      publicUrl: z.url({ protocol: /^https$/ }).optional(),
    })
    .prefault({}),
  sources: z.array(sourceSchema).default([]),
  /** Configuration snapshots of the accounts: which regions are looked at, and how often. */
  estate: z.strictObject({ regions: z.array(region).default([]), every: duration.default(300_000) }).prefault({}),
  content: contentSchema.prefault({}),
  corroborate: corroborateSchema.prefault({}),
  ledger: ledgerSchema.prefault({}),
  store: z
    .strictObject({ url: url.optional(), username: z.string().default('default'), passwordFile: z.string().optional() })
    .prefault({}),
  vault: z
    .strictObject({
      /** The KMS key that wraps the keys of persons: id, alias or ARN. Default: a key of this installation, below `config/`. */
      kmsKey: z
        .string()
        .regex(/^[A-Za-z0-9:/_-]{1,2048}$/, 'a key id, alias/NAME or ARN')
        .optional(),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  /** Set by `triptych up` when the simulator stands in for AWS: every record and screen says so, and the clock may be held. */
  simulated: z.boolean().default(false),
})

/** The effective configuration. */
export type Config = Readonly<z.infer<typeof configSchema>>
