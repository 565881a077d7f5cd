import { asWritten } from './environment.ts';
import type { Report } from './report.ts';

/** A service that answers errors inside an HTTP 200: how its replies are read, and what else is to be known. */
interface Robot {
  readonly title: string;
  /** Matches its addresses, without the query. */
  readonly address: RegExp;
  /** The webhook's option `reply`. */
  readonly reply: Readonly<Record<string, unknown>>;
  /** The sink that knows this service. */
  readonly sink?: string;
  /** Parameters of an address that is signed for each request. */
  readonly signature?: readonly string[];
  readonly advice?: string;
}

/** Codes and texts from the services' documentation and, where it names none, from public reports of what they answered. */
const robots: readonly Robot[] = [
  {
    title: 'DingTalk',
    address: /^https?:\/\/[a-z0-9.-]*\bdingtalk\.(com|io)\/robot\/send/i,
    reply: {
      field: 'errcode',
      success: 0,
      throttled: [130_101, 410_100, 90_018, 90_030],
      rejected: [
        300_001, 310_000, 400_013, 400_101, 400_102, 400_106, 40_035, 43_004, 430_101, 430_102, 430_103, 430_104,
        460_101,
      ],
    },
    sink: 'dingtalk',
    signature: ['timestamp', 'sign'],
  },
  {
    title: 'WeCom',
    address: /^https?:\/\/qyapi\.weixin\.qq\.com\/cgi-bin\/webhook\/send/i,
    reply: {
      field: 'errcode',
      success: 0,
      throttled: [45_009, 45_033],
      rejected: [93_000, 93_004, 93_008, 40_008, 40_033, 40_035, 40_058, 44_004, 45_002],
    },
    sink: 'wechat',
  },
  {
    title: 'Feishu or Lark',
    address: /^https?:\/\/open\.(feishu\.cn|larksuite\.com)\/open-apis\/bot\/v2\/hook\//i,
    reply: {
      field: 'code',
      success: 0,
      throttled: [11_232, 99_991_400],
      rejected: [9499, 11_246, 19_001, 19_002, 19_007, 19_021, 19_022, 19_024],
    },
  },
  {
    title: 'Feishu or Lark (version 1)',
    address: /^https?:\/\/open\.(feishu\.cn|larksuite\.com)\/open-apis\/bot\/hook\//i,
    reply: { field: 'ok', success: true },
    advice: 'robots of version 1 are no longer made: add one of version 2 to the group, whose body is another',
  },
  {
    title: 'Slack',
    address: /^https?:\/\/hooks\.slack(-gov)?\.com\/services\//i,
    reply: { success: 'ok', throttled: '/rate_?limited/' },
  },
  {
    title: 'a Teams connector',
    address: /^https?:\/\/([a-z0-9-]+\.webhook\.office\.com|outlook\.office(365)?\.com)\/webhook/i,
    reply: { success: '1', throttled: '/HTTP error 429/', rejected: '/HTTP error (400|403|404|410|413)/' },
    advice: 'Microsoft has retired connectors: make an address of a workflow, whose body is a card',
  },
  {
    title: 'Telegram',
    address: /^https?:\/\/api\.telegram\.org\/bot/i,
    reply: { field: 'ok', success: true },
  },
];

/**
 * The option `reply` for an address of a service that is known to answer errors inside a 200, with what there is to say about it;
 * nothing for other addresses, whose status alone is believed.
 */
export function replyFor(
  url: string,
  place: string,
  report: Report,
): { readonly reply?: Robot['reply']; readonly enabled?: false } {
  const robot = robotAt(url);
  if (robot === undefined) return {};
  const { title, sink, advice, reply, signature = [] } = robot;
  const native =
    sink === undefined ? '' : `; the sink ${sink} knows more of it: its rate, digests, and what each error means`;
  report.add(
    'changed',
    place,
    `the address is that of ${title}, which answers errors inside a success: reply says how to tell, and what it refuses is tried again or dead-lettered${native}`,
  );
  if (advice !== undefined) report.add('note', place, advice);
  if (!signature.some((name) => new RegExp(`[?&]${name}=`).test(url))) return { reply };
  report.add(
    'fill in',
    place,
    `${signature.join(' and ')} in the address are computed for each request and hold for an hour: written with enabled false; make it a destination of type ${sink} with the robot's secret as signSecret under secrets/, which signs anew each time`,
  );
  return { reply, enabled: false };
}

/** Whether an address is that of a chat's robot. */
export function isRobot(url: string): boolean {
  return robotAt(url) !== undefined;
}

function robotAt(url: string): Robot | undefined {
  return robots.find(({ address }) => address.test(asWritten(url)));
}
