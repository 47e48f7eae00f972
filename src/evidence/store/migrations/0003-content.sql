-- Layer 3: what Bedrock's invocation log says, without a body: bodies are in the vault, here is where and their hash.
CREATE TABLE IF NOT EXISTS triptych.content_records
(
  ts DateTime64(3, 'UTC'),
  request_id String,
  operation LowCardinality(String),
  account LowCardinality(String),
  region LowCardinality(String),
  model_as_sent LowCardinality(String),
  principal_arn String,
  principal_alias LowCardinality(String),
  inference_region LowCardinality(String),
  call_id String,
  metadata_alias LowCardinality(String),
  tokens_input Nullable(UInt64),
  tokens_output Nullable(UInt64),
  tokens_cache_read Nullable(UInt64),
  tokens_cache_write Nullable(UInt64),
  error_code LowCardinality(String),
  stop_reason LowCardinality(String),
  input_state LowCardinality(String),
  output_state LowCardinality(String),
  input_bytes UInt64,
  output_bytes UInt64,
  input_mac String,
  output_mac String,
  owner LowCardinality(String),
  input_ref String,
  output_ref String,
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
ORDER BY (ts, request_id, operation)
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_content_records AS SELECT * FROM triptych.content_records FINAL;
