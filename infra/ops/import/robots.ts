import type { Mapping } from './documents.ts';
import { asWritten, unresolved } from './environment.ts';
import { FILL_IN, type Report } from './report.ts';

/** A service that answers errors inside an HTTP 200: how its replies are read, and what else is to be known. */
interface Robot {
  readonly title: string;
  /** Matches its addresses, without the query. */
  readonly address: RegExp;
  /** The webhook's option `reply`; without it the status of its answers is to be believed. */
  readonly reply?: Readonly<Record<string, unknown>>;
  /** The sink that knows this service. */
  readonly sink?: string;
  /** The two documents of that sink, for an address. */
  readonly native?: (url: URL) => Pick<Native, 'document' | 'secrets'>;
  /** Parameters of an address that is signed for each request. */
  readonly signature?: readonly string[];
  readonly advice?: string;
}

/** A destination of the sink that knows a service. */
export interface Native {
  readonly type: string;
  readonly document: Mapping;
  readonly secrets: Mapping;
}

const byUrl: NonNullable<Robot['native']> = (url) => ({ document: {}, secrets: { webhookUrl: url.href } });

const RETIRED_TEAMS = /^https?:\/\/([a-z0-9-]+\.webhook\.office\.com|outlook\.office(365)?\.com)\/webhook/i;

/** Whether an address is that of a connector of Teams, which nothing answers any more. */
export function isRetiredTeams(url: string): boolean {
  return RETIRED_TEAMS.test(asWritten(url));
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
    native: (url) => ({ document: {}, secrets: { accessToken: url.searchParams.get('access_token') ?? FILL_IN } }),
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
    native: (url) => ({
      document: { mode: 'robot' },
      secrets: { robotKey: url.searchParams.get('key') ?? FILL_IN },
    }),
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
    sink: 'feishu',
    native: byUrl,
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
    sink: 'slack',
    native: byUrl,
  },
  {
    title: 'Discord',
    address: /^https?:\/\/([a-z]+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d+\//i,
    sink: 'discord',
    native: (url) => ({
      document: {},
      secrets: { webhookUrl: `${url.origin}${url.pathname.replace(/\/(slack|github)?$/, '')}` },
    }),
  },
  {
    title: 'a workflow of Teams',
    address: /^https?:\/\/[a-z0-9.-]+\.environment\.api\.powerplatform\.com(:443)?\//i,
    sink: 'teams',
    native: byUrl,
  },
  {
    title: 'a Teams connector',
    address: RETIRED_TEAMS,
    reply: { success: '1', throttled: '/HTTP error 429/', rejected: '/HTTP error (400|403|404|410|413)/' },
    advice: 'Microsoft has retired connectors: make an address of a workflow, whose body is a card',
  },
  {
    title: 'Telegram',
    address: /^https?:\/\/api\.telegram\.org\/bot/i,
    reply: { field: 'ok', success: true },
    sink: 'telegram',
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
  const more =
    sink === undefined ? '' : `the sink ${sink} knows more of it: its rate, digests, and what each error means`;
  if (reply === undefined) report.add('note', place, `the address is that of ${title}: ${more}`);
  else
    report.add(
      'changed',
      place,
      `the address is that of ${title}, which answers errors inside a success: reply says how to tell, and what it refuses is tried again or dead-lettered${more === '' ? '' : `; ${more}`}`,
    );
  if (advice !== undefined) report.add('note', place, advice);
  if (reply === undefined) return {};
  if (!isSigned(robot, url)) return { reply };
  report.add(
    'fill in',
    place,
    `${signature.join(' and ')} in the address are computed for each request and hold for an hour: written with enabled false; make it a destination of type ${sink} with the robot's secret as signSecret under secrets/, which signs anew each time`,
  );
  return { reply, enabled: false };
}

/**
 * A destination of the sink that knows the robot at an address, for what was sent there without a layout of the user's own;
 * undefined for other addresses, and where the values in it are not known.
 */
export function nativeFor(url: string, place: string, report: Report): Native | undefined {
  const robot = URL.canParse(url) ? robotAt(url) : undefined;
  if (!robot?.native || robot.sink === undefined || unresolved(url).length > 0) return undefined;
  const { title, sink, native } = robot;
  report.add(
    'changed',
    place,
    `the address is that of ${title}: becomes the sink ${sink}, whose messages are kube-courier's own, with digests, hints and commands`,
  );
  const { document, secrets } = native(new URL(url));
  if (!isSigned(robot, url)) return { type: sink, document, secrets };
  report.add(
    'fill in',
    place,
    "the signature in the address is computed for each request: put the robot's secret in place of signSecret under secrets/",
  );
  return { type: sink, document, secrets: { ...secrets, signSecret: FILL_IN } };
}

/** Whether an address was signed, which holds for an hour. */
function isSigned({ signature = [] }: Robot, url: string): boolean {
  return signature.some((name) => new RegExp(`[?&]${name}=`).test(url));
}

/** Whether an address is that of a chat's robot. */
export function isRobot(url: string): boolean {
  return robotAt(url) !== undefined;
}

function robotAt(url: string): Robot | undefined {
  return robots.find(({ address }) => address.test(asWritten(url)));
}
