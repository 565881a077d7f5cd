import { FILL_IN } from '../report.ts';
import type { SinkMapping } from './sink.ts';

/** The record that kube-eventer writes: the event as JSON inside a text. */
const BODY = {
  EventValue: '${ event.raw | json: 2 }',
  EventTimestamp: '${ event.lastSeen }',
  EventTags: {
    eventID: '${ event.uid }',
    pod_id: '${ event.object.uid }',
    pod_name: '${ event.object.name }',
    hostname: '${ event.source.host }',
  },
};

export const kafka: SinkMapping = {
  type: 'kafka',
  options: ['brokers', 'eventstopic', 'compression', 'user', 'password', 'cacert', 'cert', 'key', 'insecuressl'],
  unneeded: {},
  map({ options, place, report }) {
    const brokers = options.all('brokers').flatMap((broker) => broker.split(','));
    if (brokers.length === 0) report.add('fill in', place, `has no brokers: put host:port in place of ${FILL_IN}`);
    const username = options.one('user');
    const password = options.one('password');
    const files = ['cacert', 'cert', 'key'].filter((name) => options.one(name) !== undefined);
    for (const name of files) report.add('fill in', `${place} ${name}`, FILE_FIELDS[name] ?? '');
    const insecure = options.one('insecuressl') === 'true';
    // kube-eventer speaks TLS only when it is given a CA or a client certificate.
    const tls = files.includes('cacert') || (files.includes('cert') && files.includes('key'));
    if (insecure && !tls) report.add('note', `${place} insecuressl`, 'has no effect without cacert or cert and key');
    return {
      document: {
        brokers: brokers.length > 0 ? brokers : [`${FILL_IN}:9092`],
        topic: options.one('eventstopic') ?? 'heapster-events',
        compression: options.one('compression') ?? 'none',
        body: BODY,
        ...(username && { auth: 'plain', username }),
        ...(tls && { tls: insecure ? { insecure } : true }),
      },
      secrets: username ? { password: password ?? FILL_IN } : {},
    };
  },
};

const FILE_FIELDS: Readonly<Record<string, string>> = {
  cacert: 'names a file: put its PEM text into tls.ca, unless a public authority signed the brokers',
  cert: 'names a file: put its PEM text into the secret clientCertificate',
  key: 'names a file: put its PEM text into the secret clientKey',
};
