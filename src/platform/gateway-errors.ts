import type { ErrorRow } from './error-row.ts'

/** The part of the one table that the data path throws. */
export const gatewayErrors = {
  CREDENTIAL_EXPIRED: {
    http: 401,
    exit: 1,
    says: 'the credential has expired',
    fix: 'get a new one from the identity provider, or make a new service key (`triptych keys create`)',
  },
  CREDENTIAL_INVALID: {
    http: 401,
    exit: 1,
    says: 'the credential could not be verified',
    fix: 'check issuer, audience and key against `gateway.identity`',
  },
  CREDENTIAL_MISSING: {
    http: 401,
    exit: 1,
    says: 'no credential was sent',
    fix: 'sign in with `triptych login` (Claude Code: apiKeyHelper `triptych token`), or send a token of a configured issuer, or a service key (`triptych keys create`), as Bearer',
  },
  CREDENTIAL_UNCHECKED: {
    http: 503,
    exit: 1,
    says: 'the credential could not be checked, because its issuer did not answer',
    fix: 'check that the gateway reaches the issuer’s discovery document and keys; try again',
  },
  GATEWAY_BODY_TOO_LARGE: {
    http: 413,
    exit: 1,
    says: 'the request body is over 25,000,000 bytes, the most Bedrock takes',
    fix: 'send less context',
  },
  GATEWAY_BODY_INVALID: {
    http: 400,
    exit: 1,
    says: 'the request body is not what this path takes',
    fix: 'see the named field',
  },
  GATEWAY_BUSY: {
    http: 503,
    exit: 1,
    says: 'too many request bytes are in flight',
    fix: 'try again after the named seconds',
  },
  GATEWAY_MODEL_REFUSED: {
    http: 403,
    exit: 1,
    says: 'the policy does not allow this person, or key, to use this model in this way',
    fix: 'use an allowed model (`GET /v1/models` lists them), or ask who keeps the policy; `triptych policy test` says which rule decided',
  },
  GATEWAY_CEILING_REFUSED: {
    http: 403,
    exit: 1,
    says: 'the request may ask for more output tokens than the policy allows',
    fix: 'set max_tokens (Converse: inferenceConfig.maxTokens) to the named ceiling or less; Claude Code: CLAUDE_CODE_MAX_OUTPUT_TOKENS',
  },
  GATEWAY_LIMIT_REACHED: {
    http: 429,
    exit: 1,
    says: 'a limit of the policy is reached',
    fix: 'try again after the named seconds, or ask who keeps the policy for more',
  },
  GATEWAY_BUDGET_SPENT: {
    http: 429,
    exit: 1,
    says: 'the budget of this month is spent',
    fix: 'ask who keeps the policy for more; it begins anew with the next month (UTC)',
  },
  GATEWAY_ATTRIBUTION_REFUSED: {
    http: 403,
    exit: 1,
    says: 'the named header books the call on something that the token does not allow',
    fix: 'send a value that the token’s claims list, or leave the header out',
  },
  GATEWAY_MODEL_UNKNOWN: {
    http: 400,
    exit: 1,
    says: 'the model is not a form Bedrock knows, or has no mapping',
    fix: 'use a Bedrock model id, or add it to `gateway.models.names`',
  },
  GATEWAY_ROUTE_UNKNOWN: {
    http: 404,
    exit: 1,
    says: 'the gateway does not serve this path',
    fix: 'see docs/operate/gateway.md for the paths',
  },
  GATEWAY_SESSION_FAILED: {
    http: 503,
    exit: 1,
    says: 'no STS session could be opened for this person',
    fix: 'check `gateway.sts.role`, its trust policy and the base credentials',
  },
  GATEWAY_UPSTREAM_FAILED: {
    http: 502,
    exit: 1,
    says: 'Bedrock could not be reached or broke off',
    fix: 'try again; check `aws.endpoints` if it stays',
  },
  GATEWAY_UPSTREAM_TYPE: {
    http: 502,
    exit: 1,
    says: 'Bedrock answered with a content type the client did not ask for',
    fix: 'check what stands between the gateway and Bedrock',
  },
  LIMITS_UNAVAILABLE: {
    http: 503,
    exit: 1,
    says: 'the counts that limits are held against cannot be asked',
    fix: 'check `gateway.limits.redis`; `gateway.limits.onFailure` says what happens to calls meanwhile',
  },
  POLICY_INVALID: {
    http: 500,
    exit: 2,
    says: 'the policy file is none that can be used',
    fix: 'correct the named line or field and run `triptych policy test`; a running gateway keeps the policy before',
  },
  PRICES_INVALID: {
    http: 500,
    exit: 2,
    says: 'the price list is none that can be used',
    fix: 'correct the named field of the file that `gateway.prices` names',
  },
  WORKER_SILENT: {
    http: 503,
    exit: 4,
    says: 'another process of this gateway does not answer',
    fix: 'see its log; a worker that ended is started again by itself',
  },
  WORKER_LOST: {
    http: 500,
    exit: 4,
    says: 'a worker of the gateway ends again and again',
    fix: 'see its last log lines; start with `gateway.workers: 1` to see its error at once',
  },
} as const satisfies Record<string, ErrorRow>
