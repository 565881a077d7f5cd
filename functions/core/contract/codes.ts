import type { CodeDoc, Codes } from './config.ts';

/**
 * The codes that any sink may return or find on its dead letters, because shared layers give them. `http_4xx` and its like stand
 * for every status of the class that has no entry of its own.
 */
export const commonCodes: Codes = {
  ...alike(['http_408', 'http_425', 'http_429'], {
    status: 'retry',
    meaning: 'The service asks to come back later.',
    advice: 'Nothing, unless it lasts: then send less, or raise the limit at the service.',
  }),
  http_5xx: {
    status: 'retry',
    meaning: 'The service failed (501 excepted).',
    advice: 'Nothing, unless it lasts: then see to the service, and replay what became dead letters.',
  },
  ...alike(['http_401', 'http_403', 'http_407'], {
    status: 'rejected',
    meaning: 'The service refuses the credential, or what it may do.',
    advice: 'Repair the secret or the permission, then replay.',
  }),
  ...alike(['http_3xx', 'http_404', 'http_405', 'http_410', 'http_501'], {
    status: 'rejected',
    meaning: 'There is no such thing at this address. Redirects are not followed.',
    advice: 'Correct the address in the destination, then replay.',
  }),
  http_4xx: {
    status: 'rejected',
    meaning: 'The service refuses this event (any other 4xx).',
    advice: 'The detail has what the service said. Change template or filter, then replay, or drop the letter.',
  },
  ...alike(['connection_refused', 'connection_lost', 'connection_failed', 'bad_reply', 'timeout'], {
    status: 'retry',
    meaning: 'No complete reply came.',
    advice: 'Is the service up, and reachable from the function (VPC, firewall, allow-list)?',
  }),
  ...alike(['host_not_found', 'invalid_url'], {
    status: 'retry',
    meaning: 'The host in the address cannot be found, or the address is no URL.',
    advice: 'Correct the address in the destination.',
  }),
  tls_failed: {
    status: 'retry',
    meaning: "The service's certificate is not trusted, or has expired.",
    advice: 'Renew it, or name its authority in the destination (tls.ca), where the sink has that option.',
  },
  ...alike(['config_invalid', 'secret_missing', 'config_unreadable'], {
    status: 'retry',
    meaning: 'The destination has no valid document, lacks its secret, or cannot be read.',
    advice:
      'Repair the parameter and field that the detail names (a secret: destinations set TYPE/NAME --secret FIELD), then replay what has become dead letters.',
  }),
  ...alike(['destination_not_found', 'sink_not_deployed'], {
    status: 'rejected',
    meaning: 'The destination was deleted while events waited for it, or the stack has no sink of its type.',
    advice: 'Create it again, or enable the sink, then replay; or drop the letters.',
  }),
  ...alike(['invalid_message', 'unsupported_version'], {
    status: 'rejected',
    meaning: 'The message is not one of the relay, or of a newer version than the function knows.',
    advice: 'Upgrade the functions before the relays, then replay.',
  }),
  render_failed: {
    status: 'rejected',
    meaning: 'A template of the destination fails on this event.',
    advice: 'Correct the template (ops preview shows the result), then replay.',
  },
  ...alike(['unrendered', 'unknown_outcome', 'unexpected_error'], {
    status: 'retry',
    meaning: 'The sink has a defect.',
    advice: 'Please report it with the detail.',
  }),
};

/** Several codes with one meaning; the documentation shows them in one row. */
function alike(codes: readonly string[], doc: CodeDoc): Codes {
  return Object.fromEntries(codes.map((code) => [code, doc]));
}

/** What a code means: by the sink's own table, else by the common one, where a status without an entry counts by its class. */
export function codeDoc(code: string, own: Codes = {}): CodeDoc | undefined {
  return own[code] ?? commonCodes[code] ?? commonCodes[code.replace(/^(http_\d)\d\d$/, '$1xx')];
}
