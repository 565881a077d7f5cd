import type { Codes } from '../../core/contract/config.ts';

export const codes = {
  rate_limited: {
    status: 'retry',
    meaning: 'The tenant sends more than its rate allows (ingestion_rate_mb).',
    advice: 'Nothing, unless it lasts: then narrow the filter, or raise the limit.',
  },
  stream_rate_limited: {
    status: 'retry',
    meaning: 'One stream gets more than its rate allows (per_stream_rate_limit).',
    advice: 'Nothing, unless it lasts: then add `kind` to `eventLabels`, narrow the filter, or raise the limit.',
  },
  stream_limit: {
    status: 'retry',
    meaning:
      'The tenant has as many active streams as it may (max_global_streams_per_user). Streams end when they are idle.',
    advice: 'Take names out of `eventLabels`, look what else makes streams in the tenant, or raise the limit.',
  },
  ingestion_blocked: {
    status: 'retry',
    meaning:
      'Loki takes nothing of this tenant for a time that an administrator has set; it may say so with a status that looks like a success (260).',
    advice: 'Ask the administrator; events are tried again every ten minutes. Replay what became dead letters.',
  },
  too_old: {
    status: 'rejected',
    meaning: 'The event is older than the tenant may send (reject_old_samples_max_age, a week by default).',
    advice: 'Nothing, or raise the limit and replay.',
  },
  too_far_behind: {
    status: 'rejected',
    meaning:
      'The event is too far behind the newest of its stream, an hour by default (half of max_chunk_age). Replayed events are, where the stream goes on.',
    advice:
      'Replay them into a destination of their own, with a label such as `replayed: "true"` in `labels`: that is another stream.',
  },
  too_new: {
    status: 'rejected',
    meaning: "The event's time lies in the future, more than Loki's creation_grace_period (10 minutes).",
    advice: 'Set the clock of the node that reported it, or that of Loki, then replay.',
  },
  line_too_long: {
    status: 'rejected',
    meaning: 'The line is longer than the tenant may send (max_line_size).',
    advice:
      'Raise the limit, whose default a line never exceeds, or let Loki cut lines (max_line_size_truncate); then replay.',
  },
  metadata_refused: {
    status: 'rejected',
    meaning:
      'The structured metadata is more than the tenant may send (max_structured_metadata_size, max_structured_metadata_entries_count).',
    advice: 'Raise the limit, whose default it never exceeds, or set `structuredMetadata` to false; then replay.',
  },
  label_value_too_long: {
    status: 'rejected',
    meaning: "A label's value is longer than Loki takes (max_label_value_length).",
    advice: 'Raise the limit, whose default no value exceeds, then replay.',
  },
  too_large: {
    status: 'rejected',
    meaning: 'Loki, or a gateway in front of it, refused a single event for its size (HTTP 413).',
    advice: 'Raise the limit of the gateway for request bodies, then replay.',
  },
  tenant_missing: {
    status: 'rejected',
    meaning: 'Loki wants to know whose events they are.',
    advice: 'Put the tenant into the option `tenant`, then replay.',
  },
  metadata_not_allowed: {
    status: 'rejected',
    meaning: 'Loki takes no structured metadata of this tenant.',
    advice:
      'Set allow_structured_metadata in Loki (it needs schema v13), or set `structuredMetadata` to false; then replay.',
  },
  labels_refused: {
    status: 'rejected',
    meaning: 'Loki does not take these labels: there are too many, or one that it demands is missing.',
    advice: 'Correct `labels` and `eventLabels` by what the detail says, then replay.',
  },
  unexpected_reply: {
    status: 'retry',
    meaning: 'The reply is not that of a push: Loki answers 204.',
    advice: 'Check that `endpoint` leads to Loki and not to a login page or to Grafana.',
  },
} as const satisfies Codes;
