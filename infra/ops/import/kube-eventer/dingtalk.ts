import { FILL_IN } from '../report.ts';
import { chatDocument } from './chat.ts';
import type { SinkMapping, SinkSource } from './sink.ts';
import { urlOf } from './sink-uri.ts';

const DEFAULT_ADDRESS = 'https://oapi.dingtalk.com/robot/send';
const TOKEN_ADVICE = "put what follows access_token= in the robot's webhook URL into the secret accessToken";
const CONSOLE_LINKS = 'it only builds links to the Alibaba console: add what you need as links';

export const dingtalk: SinkMapping = {
  type: 'dingtalk',
  options: ['access_token', 'sign', 'level', 'label', 'msg_type', 'namespaces', 'kinds', 'cluster_id', 'region'],
  unneeded: {},
  map(source) {
    const { uri, options, place, report } = source;
    const address = urlOf(uri.base, DEFAULT_ADDRESS, source, TOKEN_ADVICE);
    for (const name of ['cluster_id', 'region']) {
      if (options.one(name) !== undefined) report.add('not carried', `${place} ${name}`, CONSOLE_LINKS);
    }
    const secret = signSecret(source);
    return {
      document: {
        ...(address !== DEFAULT_ADDRESS && { endpoint: address }),
        msgType: options.one('msg_type') === 'markdown' ? 'markdown' : 'text',
        ...chatDocument(source),
      },
      secrets: {
        accessToken: options.one('access_token') ?? FILL_IN,
        ...(secret && { signSecret: secret }),
      },
    };
  },
};

/** The robot's secret. What a robot's documentation signs an address with was computed from it, and holds for an hour. */
function signSecret({ options, place, report }: SinkSource): string | undefined {
  const sign = options.one('sign');
  const isComputed = options.one('timestamp') !== undefined || /^[A-Za-z0-9+/ ]{43}=$/.test(sign ?? '');
  if (!isComputed) return sign;
  report.add(
    'fill in',
    `${place} sign`,
    'is computed for each request and holds for an hour: put the secret it is computed with, which begins with SEC, into signSecret under secrets/',
  );
  return FILL_IN;
}
