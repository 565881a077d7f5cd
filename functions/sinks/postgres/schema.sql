-- The table of the postgres sink, for PostgreSQL from 11. Another name is fine: set it as the option table.
CREATE TABLE IF NOT EXISTS kube_events (
  -- What makes a row unique: <cluster>/<event uid>/<resource version> in mode history, <cluster>/<event uid> in mode latest.
  event_key text PRIMARY KEY,
  cluster text NOT NULL,
  event_uid text NOT NULL,
  event_name text NOT NULL,
  -- Or milliseconds of the last occurrence, where the version is not a number.
  resource_version bigint NOT NULL,
  -- The object that the event is about.
  api_version text NOT NULL,
  kind text NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  object_uid text NOT NULL,
  field_path text NOT NULL,
  type text NOT NULL,
  severity text NOT NULL,
  reason text NOT NULL,
  action text NOT NULL,
  message text NOT NULL,
  count integer NOT NULL,
  component text NOT NULL,
  host text NOT NULL,
  -- Instants; written in UTC, shown in the time zone of whoever reads.
  first_seen timestamptz(3) NOT NULL,
  last_seen timestamptz(3) NOT NULL,
  seen_at timestamptz(3) NOT NULL,
  -- What the relay knows of the object. Empty where it is not known.
  owner_kind text NOT NULL,
  owner_name text NOT NULL,
  owner_guessed boolean NOT NULL,
  node text NOT NULL,
  labels jsonb NOT NULL,
  annotations jsonb NOT NULL,
  namespace_labels jsonb NOT NULL,
  namespace_annotations jsonb NOT NULL,
  -- The Event as the API gave it.
  event jsonb NOT NULL
);

-- One object's history, newest first.
CREATE INDEX IF NOT EXISTS kube_events_object ON kube_events (namespace, name, last_seen DESC);
-- What happened lately, and of which kind; and the removal of old rows.
CREATE INDEX IF NOT EXISTS kube_events_last_seen ON kube_events (last_seen DESC, reason);
-- labels @> '{"app": "api"}'
CREATE INDEX IF NOT EXISTS kube_events_labels ON kube_events USING gin (labels jsonb_path_ops);
