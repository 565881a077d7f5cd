import type { LocalTime } from './time.ts';
import type { Language } from './options.ts';

/** The reasons a tally does not name, and how many events they have. */
export interface Rest {
  readonly kinds: number;
  readonly events: number;
}

/** Everything the chat messages say in a person's language, apart from the hints. */
export interface Words {
  readonly owner: string;
  readonly objects: string;
  readonly texts: string;
  readonly container: string;
  readonly when: string;
  readonly source: string;
  readonly node: string;
  /** Between a label and its value. */
  readonly colon: string;
  readonly noReason: string;
  once(at: LocalTime): string;
  repeated(count: number, first: LocalTime, last: LocalTime): string;
  reportedBy(component: string, host: string): string;
  nodes(count: number): string;
  /** An owner that is likely, and not told. */
  guessed(owner: string): string;
  /** Several objects of one kind: `10 pods`. */
  objectsOf(count: number, kind: string): string;
  /** That events of a group say so many different things. */
  different(texts: number): string;
  /** Before the command that lists all of a digest. */
  readonly all: string;
  eventId(id: string): string;
  digestId(id: string): string;
  digest(events: number, namespaces: number): string;
  /** How often each reason occurs: `BackOff ×3, Evicted ×1`; of the rest only how many. */
  tally(counts: readonly (readonly [reason: string, count: number])[], rest: Rest): string;
  more(count: number, tally: string): string;
  /** From the earliest to the latest of several events. */
  span(first: LocalTime, last: LocalTime): string;
  clusters(count: number): string;
}

function lastOf(first: LocalTime, last: LocalTime): string {
  return first.date === last.date ? last.time : `${last.date} ${last.time}`;
}

function reasons(counts: readonly (readonly [string, number])[]): readonly string[] {
  return counts.map(([reason, count]) => `${reason} ×${count}`);
}

const en: Words = {
  owner: 'Owner',
  objects: 'Objects',
  texts: 'Texts',
  container: 'Container',
  when: 'When',
  source: 'Source',
  node: 'Node',
  colon: ': ',
  noReason: 'Event',
  once: (at) => `${at.date} ${at.time} ${at.zone}`,
  repeated: (count, first, last) =>
    `${count} times since ${first.date} ${first.time}, last at ${lastOf(first, last)} ${last.zone}`,
  reportedBy: (component, host) => [component, host].filter(Boolean).join(' on '),
  nodes: (count) => `${count} nodes`,
  guessed: (owner) => `${owner} (probably)`,
  objectsOf: (count, kind) => `${count} ${kind.toLowerCase()}s`,
  different: (texts) => `${texts} different ones, this is the latest`,
  all: 'All of them',
  eventId: (id) => `Event ${id}`,
  digestId: (id) => `Digest ${id}`,
  digest: (events, namespaces) =>
    namespaces > 1 ? `${events} events in ${namespaces} namespaces` : `${events} events`,
  tally: (counts, { kinds, events }) =>
    [...reasons(counts), ...(kinds > 0 ? [`${kinds} other reasons ×${events}`] : [])].join(', '),
  more: (count, tally) => `+${count} more: ${tally}`,
  span: (first, last) => `${first.date} ${first.time} to ${lastOf(first, last)} ${last.zone}`,
  clusters: (count) => `${count} clusters`,
};

const zh: Words = {
  owner: '所属',
  objects: '对象',
  texts: '消息',
  container: '容器',
  when: '时间',
  source: '来源',
  node: '节点',
  colon: '：',
  noReason: '事件',
  once: (at) => `${at.date} ${at.time}（${at.zone}）`,
  repeated: (count, first, last) =>
    `自 ${first.date} ${first.time} 起共 ${count} 次，最近一次 ${lastOf(first, last)}（${last.zone}）`,
  reportedBy: (component, host) => (component && host ? `${component}（${host}）` : component || host),
  nodes: (count) => `${count} 个节点`,
  guessed: (owner) => `${owner}（推测）`,
  objectsOf: (count, kind) => `${count} 个 ${kind}`,
  different: (texts) => `共 ${texts} 种，这里是最近的一种`,
  all: '查看全部',
  eventId: (id) => `事件 ${id}`,
  digestId: (id) => `汇总 ${id}`,
  digest: (events, namespaces) =>
    namespaces > 1 ? `${events} 条事件，涉及 ${namespaces} 个命名空间` : `${events} 条事件`,
  tally: (counts, { kinds, events }) =>
    [...reasons(counts), ...(kinds > 0 ? [`其他 ${kinds} 种原因 ×${events}`] : [])].join('、'),
  more: (count, tally) => `另有 ${count} 条未展开：${tally}`,
  span: (first, last) => `${first.date} ${first.time} 至 ${lastOf(first, last)}（${last.zone}）`,
  clusters: (count) => `${count} 个集群`,
};

export const words: Readonly<Record<Language, Words>> = { en, zh };
