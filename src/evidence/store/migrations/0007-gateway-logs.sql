-- Calls that another company's gateway logged stand beside those of our own. `file_id` is the file that a row came in, `stretch` the
-- unbroken reading it belongs to: within it, a call that is not there was not logged.
ALTER TABLE triptych.gateway_calls
  MODIFY COLUMN body_bytes Nullable(UInt64),
  MODIFY COLUMN response_bytes Nullable(UInt64),
  ADD COLUMN IF NOT EXISTS own_request_id String,
  ADD COLUMN IF NOT EXISTS file_id String,
  ADD COLUMN IF NOT EXISTS stretch LowCardinality(String),
  ADD INDEX IF NOT EXISTS by_own_request own_request_id TYPE bloom_filter(0.01) GRANULARITY 1,
  ADD INDEX IF NOT EXISTS by_stretch stretch TYPE minmax GRANULARITY 4;

CREATE OR REPLACE VIEW triptych.v_gateway_calls AS SELECT * FROM triptych.gateway_calls FINAL;

ALTER TABLE triptych.calls
  ADD COLUMN IF NOT EXISTS gateway LowCardinality(String);

CREATE OR REPLACE VIEW triptych.v_calls AS SELECT * FROM triptych.calls FINAL;
