-- Layer 1: what AWS CloudTrail says. Names are never here: pseudonyms and aliases are.
CREATE TABLE IF NOT EXISTS triptych.access_events
(
  ts DateTime64(3, 'UTC'),
  event_id String,
  recipient_account LowCardinality(String),
  request_id String,
  event_source LowCardinality(String),
  event_name LowCardinality(String),
  event_category LowCardinality(String),
  event_type LowCardinality(String),
  region LowCardinality(String),
  account LowCardinality(String),
  principal_type LowCardinality(String),
  principal_arn String,
  principal_alias LowCardinality(String),
  session_issuer_arn LowCardinality(String),
  access_key_id String,
  source_identity LowCardinality(String),
  source_address String,
  source_kind LowCardinality(String),
  user_agent_product LowCardinality(String),
  call_id String,
  error_code LowCardinality(String),
  model_as_sent LowCardinality(String),
  inference_region LowCardinality(String),
  bearer UInt8,
  bearer_type LowCardinality(String),
  vpc_endpoint_id LowCardinality(String),
  read_only Nullable(UInt8),
  host_header LowCardinality(String),
  parent_request_id String,
  original_event_id String,
  shared_event_id String,
  is_call UInt8,
  evidence_params String,
  file_id String,
  row_in_file UInt32,
  revision UInt64,
  batch UInt64,
  loaded_at DateTime64(3, 'UTC'),
  simulated UInt8,
  INDEX by_request request_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_call call_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_principal principal_alias TYPE bloom_filter(0.01) GRANULARITY 4,
  INDEX by_batch batch TYPE minmax GRANULARITY 1
)
ENGINE = {{replacing(revision)}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, event_id, recipient_account)
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_access_events AS SELECT * FROM triptych.access_events FINAL;
