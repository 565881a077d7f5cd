import { FILL_IN } from '../report.ts';
import { body } from './layout.ts';
import { isOn, nested, textIn, textsOf } from './options.ts';
import type { Block, ReceiverMapping } from './receiver.ts';
import { tls } from './tls.ts';

export const kafka: ReceiverMapping = {
  options: {
    topic: true,
    brokers: true,
    layout: true,
    clientId: true,
    compressionCodec: true,
    version: true,
    tls: { enable: true, insecureSkipVerify: true, caFile: true, certFile: true, keyFile: true },
    sasl: { enable: true, username: true, password: true, mechanism: true },
  },
  map(source) {
    const { block, place, report } = source;
    for (const name of ['clientId', 'version']) {
      if (block[name]) report.add('note', `${place}.${name}`, 'not needed');
    }
    const login = isEnabled(source, 'sasl') ? nested(source, 'sasl') : undefined;
    const auth = login && mechanism(login);
    return {
      type: 'kafka',
      document: {
        brokers: textsOf(source, 'brokers'),
        topic: textIn(source, 'topic') ?? FILL_IN,
        compression: textIn(source, 'compressionCodec') ?? 'none',
        ...body(source),
        ...(login && { auth, username: textIn(login, 'username') ?? FILL_IN }),
        ...(isEnabled(source, 'tls') && { tls: tls(source).tls ?? true }),
      },
      secrets: login ? { password: textIn(login, 'password') ?? FILL_IN } : {},
    };
  },
};

/** Whether `sasl` or `tls` is turned on: without `enable` it has no effect, whatever else it holds. */
function isEnabled(source: Block, name: 'sasl' | 'tls'): boolean {
  const settings = nested(source, name);
  const isEnabledThere = isOn(settings, 'enable');
  if (!isEnabledThere && Object.keys(settings.block).length > 0) {
    source.report.add('note', settings.place, 'has no effect there either, because its enable is not true');
  }
  return isEnabledThere;
}

const MECHANISMS: Readonly<Record<string, string>> = {
  plain: 'plain',
  sha256: 'scram-sha-256',
  sha512: 'scram-sha-512',
};

function mechanism(source: Block): string {
  const { place, report } = source;
  const written = textIn(source, 'mechanism') || 'plain';
  const exact = MECHANISMS[written];
  if (exact !== undefined) return exact;
  const found =
    MECHANISMS[
      written
        .toLowerCase()
        .replace(/^scram/, '')
        .replaceAll(/[-_]/g, '')
    ];
  if (found !== undefined)
    report.add('changed', `${place}.mechanism`, `${written} is refused there, here it is ${found}`);
  else report.add('refuse', `${place}.mechanism`, `is none of ${Object.keys(MECHANISMS).join(', ')}`);
  return found ?? 'plain';
}
