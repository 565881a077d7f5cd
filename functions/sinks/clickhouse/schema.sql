-- The table of the clickhouse sink. Another name is fine: set it as the option table.
CREATE TABLE IF NOT EXISTS kube_events (
  id String COMMENT '<cluster>/<event uid>/<resource version>',
  cluster LowCardinality(String),
  uid String,
  resource_version UInt64 COMMENT 'or milliseconds of the last occurrence, where the version is not a number',
  name String,
  type LowCardinality(String),
  severity LowCardinality(String),
  reason LowCardinality(String),
  action LowCardinality(String),
  message String CODEC(ZSTD(3)),
  count UInt32,
  first_seen DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  last_seen DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  seen_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  object_api_version LowCardinality(String),
  object_kind LowCardinality(String),
  object_namespace LowCardinality(String),
  object_name String,
  object_uid String,
  object_field_path LowCardinality(String),
  component LowCardinality(String),
  host LowCardinality(String),
  owner_kind LowCardinality(String),
  owner_name String,
  owner_guessed UInt8,
  node LowCardinality(String),
  labels Map(LowCardinality(String), String),
  annotations Map(LowCardinality(String), String),
  namespace_labels Map(LowCardinality(String), String),
  namespace_annotations Map(LowCardinality(String), String),
  raw String CODEC(ZSTD(3)) COMMENT 'the Event as the API gave it, JSON',
  INDEX message_words message TYPE tokenbf_v1(16384, 3, 0) GRANULARITY 4,
  INDEX object object_name TYPE bloom_filter GRANULARITY 4
)
-- Rows of one key become one when parts are merged; FINAL shows one at once. The key ends in id: a row replaces only itself.
ENGINE = ReplacingMergeTree(seen_at)
PARTITION BY toYYYYMM(last_seen)
ORDER BY (cluster, object_namespace, object_kind, toStartOfHour(last_seen), id)
TTL toDateTime(last_seen) + INTERVAL 400 DAY DELETE
-- A repeated batch is no insert at all. Replicated tables remember batches without this setting.
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1;
