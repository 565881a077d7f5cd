import { FILL_IN } from '../report.ts';
import { chatDocument } from './chat.ts';
import type { SinkMapping } from './sink.ts';
import { urlOf } from './sink-uri.ts';

const DEFAULT_ADDRESS = 'https://oapi.dingtalk.com/robot/send';
const TOKEN_ADVICE = "put what follows access_token= in the robot's webhook URL into the secret accessToken";
const CONSOLE_LINKS = 'it only builds links to the Alibaba console: add what you need as links';

export const dingtalk: SinkMapping = {
  type: 'dingtalk',
  unneeded: {},
  map(source) {
    const { uri, options, place, report } = source;
    const address = urlOf(uri.base, DEFAULT_ADDRESS, source, TOKEN_ADVICE);
    for (const name of ['cluster_id', 'region']) {
      if (options.one(name) !== undefined) report.add('not carried', `${place} ${name}`, CONSOLE_LINKS);
    }
    const sign = options.one('sign');
    return {
      document: {
        ...(address !== DEFAULT_ADDRESS && { endpoint: address }),
        msgType: options.one('msg_type') === 'markdown' ? 'markdown' : 'text',
        ...chatDocument(source),
      },
      secrets: {
        accessToken: options.one('access_token') ?? FILL_IN,
        ...(sign && { signSecret: sign }),
      },
    };
  },
};
