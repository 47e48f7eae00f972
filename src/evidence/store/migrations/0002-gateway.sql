-- Layer 2: what our gateways say. Intent and outcome share one key; the later stage has the higher revision.
CREATE TABLE IF NOT EXISTS triptych.gateway_calls
(
  ts DateTime64(3, 'UTC'),
  call_id String,
  gateway LowCardinality(String),
  alias LowCardinality(String),
  principal_kind LowCardinality(String),
  credential LowCardinality(String),
  issuer_id LowCardinality(String),
  operation LowCardinality(String),
  dialect LowCardinality(String),
  streaming UInt8,
  model_as_sent LowCardinality(String),
  region LowCardinality(String),
  account LowCardinality(String),
  team LowCardinality(String),
  project LowCardinality(String),
  attribution_source LowCardinality(String),
  session_claim String,
  agent_claim String,
  parent_agent_claim String,
  body_bytes UInt64,
  body_mac String,
  stage LowCardinality(String),
  result LowCardinality(String),
  refusal_code LowCardinality(String),
  http_status UInt16,
  error_code LowCardinality(String),
  aws_request_id String,
  access_key_id String,
  tokens_input Nullable(UInt64),
  tokens_output Nullable(UInt64),
  tokens_cache_read Nullable(UInt64),
  tokens_cache_write Nullable(UInt64),
  tokens_from LowCardinality(String),
  stop_reason LowCardinality(String),
  first_byte_ms Nullable(UInt32),
  duration_ms Nullable(UInt32),
  response_bytes UInt64,
  ended_at Nullable(DateTime64(3, 'UTC')),
  attempts UInt8,
  intent_seq UInt64,
  outcome_seq Nullable(UInt64),
  revision UInt64,
  batch UInt64,
  loaded_at DateTime64(3, 'UTC'),
  simulated UInt8,
  INDEX by_request aws_request_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_call call_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_alias alias TYPE bloom_filter(0.01) GRANULARITY 4,
  INDEX by_batch batch TYPE minmax GRANULARITY 1
)
ENGINE = {{replacing(revision)}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, call_id)
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_gateway_calls AS SELECT * FROM triptych.gateway_calls FINAL;

-- Each STS session a gateway opened, so that a session in AWS's logs leads back to whom it was opened for.
CREATE TABLE IF NOT EXISTS triptych.gateway_sessions
(
  ts DateTime64(3, 'UTC'),
  access_key_id String,
  gateway LowCardinality(String),
  alias LowCardinality(String),
  role_arn LowCardinality(String),
  expires_at DateTime64(3, 'UTC'),
  seq UInt64,
  revision UInt64,
  batch UInt64,
  loaded_at DateTime64(3, 'UTC'),
  simulated UInt8,
  INDEX by_key access_key_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{replacing(revision)}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, access_key_id)
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_gateway_sessions AS SELECT * FROM triptych.gateway_sessions FINAL;

-- Contiguous ranges read from a journal; what lies between two of them is a hole.
CREATE TABLE IF NOT EXISTS triptych.journal_marks
(
  source LowCardinality(String),
  first_seq UInt64,
  last_seq UInt64,
  first_at DateTime64(3, 'UTC'),
  last_at DateTime64(3, 'UTC'),
  ts DateTime64(3, 'UTC'),
  revision UInt64,
  batch UInt64,
  loaded_at DateTime64(3, 'UTC'),
  simulated UInt8
)
ENGINE = {{replacing(revision)}}
ORDER BY (source, first_seq)
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_journal_marks AS SELECT * FROM triptych.journal_marks FINAL;
