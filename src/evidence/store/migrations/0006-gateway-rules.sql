-- What allowed a call, on what it is booked, what it cost, and under whose credentials it went out.
ALTER TABLE triptych.gateway_calls
  ADD COLUMN IF NOT EXISTS cost_centre LowCardinality(String),
  ADD COLUMN IF NOT EXISTS project_source LowCardinality(String),
  ADD COLUMN IF NOT EXISTS cost_centre_source LowCardinality(String),
  ADD COLUMN IF NOT EXISTS policy LowCardinality(String),
  ADD COLUMN IF NOT EXISTS rule LowCardinality(String),
  ADD COLUMN IF NOT EXISTS limits LowCardinality(String),
  ADD COLUMN IF NOT EXISTS aws_session LowCardinality(String) DEFAULT 'person',
  ADD COLUMN IF NOT EXISTS tokens_cache_write_1h Nullable(UInt64),
  ADD COLUMN IF NOT EXISTS longest_gap_ms Nullable(UInt32),
  ADD COLUMN IF NOT EXISTS drained UInt8,
  ADD COLUMN IF NOT EXISTS cost_micro_usd Nullable(UInt64),
  ADD COLUMN IF NOT EXISTS prices_of LowCardinality(String);

CREATE OR REPLACE VIEW triptych.v_gateway_calls AS SELECT * FROM triptych.gateway_calls FINAL;

ALTER TABLE triptych.calls
  ADD COLUMN IF NOT EXISTS cost_centre LowCardinality(String),
  ADD COLUMN IF NOT EXISTS cost_micro_usd Nullable(UInt64);

CREATE OR REPLACE VIEW triptych.v_calls AS SELECT * FROM triptych.calls FINAL;
