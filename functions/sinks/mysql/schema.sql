-- The table of the mysql sink, for MySQL from 5.7 and MariaDB from 10.2. Another name is fine: set it as the option table.
CREATE TABLE IF NOT EXISTS `kube_events` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  -- What makes a row unique: <cluster>/<event uid>/<resource version> in mode history, <cluster>/<event uid> in mode latest.
  `event_key` varchar(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `cluster` varchar(63) NOT NULL,
  `event_id` varchar(255) NOT NULL COMMENT 'uid of the Event',
  `event_name` varchar(255) NOT NULL,
  `resource_version` bigint unsigned NOT NULL COMMENT 'or milliseconds of the last occurrence, where the version is not a number',
  -- The object that the event is about.
  `api_version` varchar(255) NOT NULL,
  `kind` varchar(255) NOT NULL,
  `namespace` varchar(255) NOT NULL,
  `name` varchar(255) NOT NULL,
  `object_uid` varchar(255) NOT NULL,
  `field_path` varchar(1024) NOT NULL,
  `type` varchar(64) NOT NULL,
  `reason` varchar(255) NOT NULL,
  `action` varchar(255) NOT NULL,
  `message` mediumtext NOT NULL,
  `count` int unsigned NOT NULL,
  `component` varchar(255) NOT NULL,
  `host` varchar(255) NOT NULL,
  -- All times are UTC.
  `first_occurrence_time` datetime(3) NOT NULL,
  `last_occurrence_time` datetime(3) NOT NULL,
  `seen_at` datetime(3) NOT NULL,
  `severity` varchar(16) NOT NULL DEFAULT '',
  -- What the relay knows of the object. Empty where it is not known.
  `owner_kind` varchar(255) NOT NULL DEFAULT '' COMMENT 'of the topmost controller',
  `owner_name` varchar(255) NOT NULL DEFAULT '',
  `owner_guessed` tinyint(1) NOT NULL DEFAULT 0,
  `node` varchar(255) NOT NULL DEFAULT '',
  `labels` mediumtext COMMENT 'JSON, as the next three',
  `annotations` mediumtext,
  `namespace_labels` mediumtext,
  `namespace_annotations` mediumtext,
  PRIMARY KEY (`id`),
  UNIQUE KEY `event_key` (`event_key`),
  KEY `last_occurrence_time` (`last_occurrence_time`),
  KEY `object` (`name`, `kind`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = utf8mb4;
