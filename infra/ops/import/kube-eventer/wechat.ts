import { FILL_IN } from '../report.ts';
import { chatDocument } from './chat.ts';
import type { SinkMapping } from './sink.ts';

export const wechat: SinkMapping = {
  type: 'wechat',
  options: ['corp_id', 'corp_secret', 'agent_id', 'to_user', 'level', 'label', 'namespaces', 'kinds'],
  unneeded: {},
  map(source) {
    const { options, place, report } = source;
    const agent = options.one('agent_id') ?? '';
    // kube-eventer sends to each between commas, and WeCom knows several as one, between bars.
    const users = options
      .one('to_user')
      ?.split(/[,|]/)
      .map((user) => user.trim())
      .filter((user) => user !== '');
    if (!/^\d+$/.test(agent)) {
      report.add(
        'fill in',
        `${place} agent_id`,
        `is no number: put the id of the application in place of 0 as agentId`,
      );
    }
    return {
      document: {
        mode: 'app',
        corpId: options.one('corp_id') ?? FILL_IN,
        agentId: /^\d+$/.test(agent) ? Number(agent) : 0,
        ...(users && users.length > 0 && { toUser: users }),
        ...chatDocument(source),
      },
      secrets: { corpSecret: options.one('corp_secret') ?? FILL_IN },
    };
  },
};
