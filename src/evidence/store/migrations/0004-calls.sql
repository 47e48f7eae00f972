-- Whether a layer was on in a place at a time, from configuration snapshots and change events.
CREATE TABLE IF NOT EXISTS triptych.snapshots
(
  ts DateTime64(3, 'UTC'),
  layer LowCardinality(String),
  account LowCardinality(String),
  region LowCardinality(String),
  state LowCardinality(String),
  reason LowCardinality(String),
  detail String,
  seq UInt64,
  revision UInt64,
  batch UInt64,
  loaded_at DateTime64(3, 'UTC'),
  simulated UInt8
)
ENGINE = {{replacing(revision)}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, layer, account, region)
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_snapshots AS SELECT * FROM triptych.snapshots FINAL;

-- One row per model call: the witnesses joined, and the verdict. A superseded row is one whose call got another key.
CREATE TABLE IF NOT EXISTS triptych.calls
(
  ts DateTime64(3, 'UTC'),
  call_key String,
  call_id String,
  aws_request_id String,
  alias LowCardinality(String),
  principal_arn String,
  team LowCardinality(String),
  project LowCardinality(String),
  operation LowCardinality(String),
  model LowCardinality(String),
  model_as_sent LowCardinality(String),
  region LowCardinality(String),
  account LowCardinality(String),
  verdict LowCardinality(String),
  previous_verdict LowCardinality(String),
  findings Array(String),
  reason LowCardinality(String),
  compared String,
  seen_access UInt8,
  seen_gateway UInt8,
  seen_content UInt8,
  tokens_input Nullable(UInt64),
  tokens_output Nullable(UInt64),
  tokens_cache_read Nullable(UInt64),
  tokens_cache_write Nullable(UInt64),
  result LowCardinality(String),
  http_status UInt16,
  stop_reason LowCardinality(String),
  duration_ms Nullable(UInt32),
  first_byte_ms Nullable(UInt32),
  due_at Nullable(DateTime64(3, 'UTC')),
  judged_at DateTime64(3, 'UTC'),
  changes UInt32,
  superseded UInt8,
  revision UInt64,
  batch UInt64,
  loaded_at DateTime64(3, 'UTC'),
  simulated UInt8,
  INDEX by_request aws_request_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_call call_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_alias alias TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = {{replacing(revision, superseded)}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, call_key)
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_calls AS SELECT * FROM triptych.calls FINAL;

-- Every change of a verdict, kept.
CREATE TABLE IF NOT EXISTS triptych.verdict_changes
(
  ts DateTime64(3, 'UTC'),
  call_key String,
  from_verdict LowCardinality(String),
  to_verdict LowCardinality(String),
  judged_at DateTime64(3, 'UTC'),
  reason LowCardinality(String),
  batch UInt64,
  loaded_at DateTime64(3, 'UTC'),
  simulated UInt8
)
ENGINE = {{plain()}}
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, call_key, judged_at)
SETTINGS {{settings}};
