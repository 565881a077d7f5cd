import { transportFailure } from '../../core/kit/http.ts';
import { rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';

/** What matters about an error of kafkajs. */
interface Failure {
  readonly name: string;
  /** The broker's name for it, such as MESSAGE_TOO_LARGE. */
  readonly type: string;
  /** Node's code, such as ECONNREFUSED. */
  readonly code: string;
  readonly message: string;
}

/**
 * kafkajs wraps the real error in "number of retries exceeded" and calls that not retriable: only the innermost one tells.
 */
function rootFailure(error: unknown): Failure {
  let failure: Failure = { name: '', type: '', code: '', message: String(error) };
  let inner = error;
  while (typeof inner === 'object' && inner !== null) {
    failure = {
      name: text(inner, 'name'),
      type: text(inner, 'type'),
      code: text(inner, 'code'),
      message: text(inner, 'message'),
    };
    inner = 'cause' in inner ? inner.cause : undefined;
  }
  return failure;
}

function text(value: object, name: string): string {
  const found: unknown = Object.entries(Object.getOwnPropertyDescriptors(value)).find(([key]) => key === name)?.[1]
    .value;
  return typeof found === 'string' ? found : '';
}

/** Whether the cluster said that it knows no such topic: true also for a moment after a partition has moved. */
export function isUnknownTopic(error: unknown): boolean {
  return rootFailure(error).type === 'UNKNOWN_TOPIC_OR_PARTITION';
}

/** The meaning of what prevented a record from being written, by the error table of the Kafka protocol. */
export function classify(error: unknown): Outcome {
  const { name, type, code, message } = rootFailure(error);
  if (type !== '') return byType(type, message);
  switch (name) {
    case 'KafkaJSSASLAuthenticationError':
      // A connection that breaks while logging in says nothing about the credentials.
      return BROKEN_WHILE_LOGGING_IN.test(message)
        ? retry('connection_lost', message, { reconnect: true })
        : rejected('destination', 'authentication_failed', message);
    case 'KafkaJSServerDoesNotSupportApiKey':
    case 'KafkaJSNotImplemented':
      return rejected('destination', 'unsupported', message);
    case 'KafkaJSMetadataNotLoaded':
    case 'KafkaJSTopicMetadataNotLoaded':
    case 'KafkaJSBrokerNotFound':
      return retry('leader_not_available', message, { reconnect: true });
    case 'KafkaJSRequestTimeoutError':
    case 'KafkaJSLockTimeout':
      return retry('timeout', message, { reconnect: true });
    case 'KafkaJSConnectionClosedError':
      return retry('connection_lost', message, { reconnect: true });
    default:
      if (message === 'Connection timeout') return retry('timeout', 'no connection in time', { reconnect: true });
      return code === ''
        ? retry('broker_error', `${name}: ${message}`, { reconnect: true })
        : retry(...transportFailure(code, message), { reconnect: true });
  }
}

/** The texts of kafkajs 2.2.4 for connections, behind "SASL <mechanism> authentication failed: ". */
const BROKEN_WHILE_LOGGING_IN = /failed: (Closed connection|Connection |Not connected|Request )/;

function byType(type: string, message: string): Outcome {
  const detail = `${type}: ${message}`;
  switch (type) {
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return split('message_too_large', detail);
    case 'INVALID_RECORD':
    case 'INVALID_TIMESTAMP':
    case 'POLICY_VIOLATION':
      return split('record_refused', detail);
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'INVALID_TOPIC_EXCEPTION':
      return rejected('destination', 'topic_missing', detail);
    case 'TOPIC_AUTHORIZATION_FAILED':
    case 'CLUSTER_AUTHORIZATION_FAILED':
      return rejected('destination', 'permission_denied', detail);
    case 'SASL_AUTHENTICATION_FAILED':
    case 'UNSUPPORTED_SASL_MECHANISM':
    case 'SECURITY_DISABLED':
      return rejected('destination', 'authentication_failed', detail);
    case 'UNSUPPORTED_COMPRESSION_TYPE':
    case 'UNSUPPORTED_FOR_MESSAGE_FORMAT':
    case 'UNSUPPORTED_VERSION':
      return rejected('destination', 'unsupported', detail);
    case 'NOT_ENOUGH_REPLICAS':
    case 'NOT_ENOUGH_REPLICAS_AFTER_APPEND':
      return retry('not_enough_replicas', detail);
    case 'LEADER_NOT_AVAILABLE':
    case 'NOT_LEADER_FOR_PARTITION':
    case 'REPLICA_NOT_AVAILABLE':
    case 'BROKER_NOT_AVAILABLE':
    case 'FENCED_LEADER_EPOCH':
    case 'UNKNOWN_LEADER_EPOCH':
      return retry('leader_not_available', detail);
    case 'REQUEST_TIMED_OUT':
      return retry('timeout', detail);
    default:
      return retry('broker_error', detail);
  }
}
