-- The client's own session, so that a conversation can be read as one. A claim: the gateway's header, else the logged request's metadata.
ALTER TABLE triptych.content_records
  ADD COLUMN IF NOT EXISTS session_claim String;

CREATE OR REPLACE VIEW triptych.v_content_records AS SELECT * FROM triptych.content_records FINAL;

ALTER TABLE triptych.calls
  ADD COLUMN IF NOT EXISTS session_claim String,
  ADD COLUMN IF NOT EXISTS agent_claim String,
  ADD INDEX IF NOT EXISTS by_session session_claim TYPE bloom_filter(0.01) GRANULARITY 1;

CREATE OR REPLACE VIEW triptych.v_calls AS SELECT * FROM triptych.calls FINAL;
