-- Files taken in: the guard against a second load, for ever, where the tokens of an insert are forgotten after a while.
CREATE TABLE IF NOT EXISTS triptych.source_files
(
  kind LowCardinality(String),
  file_id String,
  ts DateTime64(3, 'UTC'),
  name String,
  origin String,
  bytes UInt64,
  records UInt64,
  duplicates UInt64,
  rejected UInt64,
  archived_path String,
  revision UInt64,
  batch UInt64,
  loaded_at DateTime64(3, 'UTC'),
  simulated UInt8
)
ENGINE = {{replacing(revision)}}
ORDER BY (kind, file_id)
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_source_files AS SELECT * FROM triptych.source_files FINAL;

-- Records that could not be taken in: where and why, never what they held.
CREATE TABLE IF NOT EXISTS triptych.rejected_records
(
  file_id String,
  position UInt64,
  code LowCardinality(String),
  reason LowCardinality(String),
  ts DateTime64(3, 'UTC'),
  revision UInt64,
  batch UInt64,
  loaded_at DateTime64(3, 'UTC'),
  simulated UInt8
)
ENGINE = {{replacing(revision)}}
ORDER BY (file_id, position)
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_rejected_records AS SELECT * FROM triptych.rejected_records FINAL;

-- How far each reader has come.
CREATE TABLE IF NOT EXISTS triptych.progress
(
  name String,
  value String,
  revision UInt64,
  loaded_at DateTime64(3, 'UTC')
)
ENGINE = {{replacing(revision)}}
ORDER BY name
SETTINGS {{settings}};

CREATE VIEW IF NOT EXISTS triptych.v_progress AS SELECT * FROM triptych.progress FINAL;
