import { App } from 'aws-cdk-lib';
import type { SinkConfig } from '../../functions/core/contract/config.ts';
import { DEFAULT_BUDGET, type SendBudget } from '../../relay/manifests/settings.ts';
import { parseSettings } from '../stack/settings.ts';
import { KubeCourierStack } from '../stack/stack.ts';
import { ASSUMPTIONS, monthlyCost, type Cost, type TemplateBody, type Traffic } from './cost.ts';
import { playSends, quantile } from './sends.ts';
import { table } from './tables.ts';

/** Stores that take a batch in one request: what most people have first. */
export const REFERENCE_SINKS = ['elasticsearch', 'influxdb', 'honeycomb'] as const;
/** A sink that makes a request for each event. */
const REQUEST_PER_EVENT = 'webhook';
/** Events a second. */
const RATES = [1, 10, 100] as const;
/** The rate by which budgets are compared. */
const RATE = 10;
/** What a budget may be: the last is the latency mode. */
const BUDGETS: readonly SendBudget[] = [
  { ...DEFAULT_BUDGET, perSecond: 0.1 },
  DEFAULT_BUDGET,
  { ...DEFAULT_BUDGET, perSecond: 2 },
  { perSecond: 1000, burst: 1000 },
];

const WORDS = {
  en: {
    month: 'a month',
    rate: (rate: number) => `${rate} ${rate === 1 ? 'event' : 'events'} a second`,
    one: 'one sink',
    three: 'three sinks',
    sink: 'each further sink',
    destination: 'each further destination',
    archive: 'the archive (`s3`), once it is full',
    budget: ['`SENDS_PER_SECOND`', 'a Warning waits', 'another event waits', ...RATES.map((rate) => `at ${rate}/s`)],
    nothing: '0',
    half: (half: string, most: string) => `${half}, at most ${most}`,
    seconds: (ms: number) => `${(ms / 1000).toFixed(1)} s`,
  },
  zh: {
    month: '每月',
    rate: (rate: number) => `每秒 ${rate} 个事件`,
    one: '一个 sink',
    three: '三个 sink',
    sink: '每增加一个 sink',
    destination: '每增加一个投递目标',
    archive: '归档（`s3`），存满之后',
    budget: ['`SENDS_PER_SECOND`', 'Warning 等待', '其他事件等待', ...RATES.map((rate) => `每秒 ${rate} 个`)],
    nothing: '0',
    half: (half: string, most: string) => `${half}，最多 ${most}`,
    seconds: (ms: number) => `${(ms / 1000).toFixed(1)} 秒`,
  },
} as const;

type Language = keyof typeof WORDS;

/** The README's sections: what it costs by rate, and by the relay's budget. */
export function costSections(configs: readonly SinkConfig[]): Readonly<Record<Language, string>> {
  const all = figures(configs);
  const perEvent = RATES.map((eventsPerSecond) => dollars(all.requestPerEvent({ eventsPerSecond })));
  const { sinkSeconds, warningShare, failingHours } = ASSUMPTIONS;
  const [ms, percent, failing] = [sinkSeconds * 1000, warningShare * 100, failingHours * 100];
  const windowSeconds = configs.find(({ type }) => type === REFERENCE_SINKS[0])?.runtime?.windowSeconds ?? 0;
  const sinks = REFERENCE_SINKS.map((type) => `\`${type}\``);
  return {
    en: [
      ...costTable(all, 'en'),
      '',
      `List prices of us-east-1 before free tiers, for a stack with one cluster; every destination takes every event, ${percent} % of which are Warnings.`,
      `The sinks are ${sinks.join(', ')}: stores that take a batch in one request, of ${ms} ms here, and gather one for ${windowSeconds} s.`,
      `One that makes a request for each event, such as \`${REQUEST_PER_EVENT}\`, adds ${perEvent.join(', ')} instead: give it a filter.`,
      `Metrics of failures are counted for ${failing} % of all hours; with \`"metricsBy": "destination"\`, each destination's own add up to $1.50.`,
      "Computed by `npm run docs` from the synthesised template and the relay's own code, not measured on an account.",
      '',
      `Events travel together, and [the relay's budget](relay/README.md#envelopes) says how often: here at ${RATE} events a second (typically, and at most), with the dollars of one sink.`,
      'Warnings that come more rarely than the budget allows wait for nothing.',
      '',
      ...budgetTable(all, 'en'),
    ].join('\n'),
    zh: [
      ...costTable(all, 'zh'),
      '',
      `按 us-east-1 目录价计算，不含免费额度；一个集群，每个投递目标接收全部事件，其中 ${percent} % 是 Warning。`,
      `这里的 sink 是 ${sinks.join('、')}：一批事件只需一次请求（按 ${ms} ms 计），每批收集 ${windowSeconds} 秒。`,
      `逐条请求的 sink（如 \`${REQUEST_PER_EVENT}\`）则分别增加 ${perEvent.join('、')}：请为它设置过滤规则。`,
      `失败类指标按 ${failing} % 的时间计费；设置 \`"metricsBy": "destination"\` 后，每个投递目标自己的指标最多再加 $1.50。`,
      '由 `npm run docs` 根据合成的模板和 relay 自身的代码算出，并非在真实账号上实测。',
      '',
      `事件会合并发送，多久发一次由 [relay 的预算](relay/README.md#envelopes)决定：下表为每秒 ${RATE} 个事件时的等待时间（通常值和最大值），以及一个 sink 的费用。`,
      '只要 Warning 的频率低于预算，就立即发出。',
      '',
      ...budgetTable(all, 'zh'),
    ].join('\n'),
  };
}

/** Dollars a month of whole stacks. */
export interface Figures {
  readonly byService: (eventsPerSecond: number) => Cost;
  readonly one: (traffic: Traffic) => number;
  readonly three: (traffic: Traffic) => number;
  readonly furtherSink: (traffic: Traffic) => number;
  /** Of the same sink. */
  readonly furtherDestination: (traffic: Traffic) => number;
  /** A further sink that makes a request for each event. */
  readonly requestPerEvent: (traffic: Traffic) => number;
  /** The sink `s3` with its bucket, which holds as many days as the template says. */
  readonly archive: (traffic: Traffic) => number;
}

/** What stacks of the reference sinks cost, by their templates. */
export function figures(configs: readonly SinkConfig[]): Figures {
  const [first, second] = REFERENCE_SINKS;
  const templates = {
    one: template(configs, { sinks: [first] }),
    two: template(configs, { sinks: [first, second] }),
    three: template(configs, { sinks: REFERENCE_SINKS }),
    other: template(configs, { sinks: [first, REQUEST_PER_EVENT] }),
    archive: template(configs, { sinks: [first, 's3'] }),
  };
  const cost = (name: keyof typeof templates, traffic: Traffic) =>
    Object.values(monthlyCost(templates[name], configs, traffic)).reduce((sum, each) => sum + each, 0);
  const one = (traffic: Traffic) => cost('one', traffic);
  return {
    byService: (eventsPerSecond) => monthlyCost(templates.one, configs, { eventsPerSecond }),
    one,
    three: (traffic) => cost('three', traffic),
    furtherSink: (traffic) => cost('two', traffic) - one(traffic),
    furtherDestination: (traffic) => one({ ...traffic, destinations: 2 }) - one(traffic),
    requestPerEvent: (traffic) => cost('other', traffic) - one(traffic),
    archive: (traffic) => cost('archive', traffic) - one(traffic),
  };
}

/** Dollars by rate, and what a further sink or destination adds. */
function costTable(all: Figures, language: Language): readonly string[] {
  const words = WORDS[language];
  const byRate = RATES.map(all.byService);
  const [first] = byRate;
  const used = Object.entries(first ?? {}).filter(([, cost]) => cost > 0);
  const services = used.map(([service]) => [
    service,
    ...byRate.map((cost) => dollars(Object.entries(cost).find(([name]) => name === service)?.[1] ?? 0)),
  ]);
  const row = (label: string, of: (traffic: Traffic) => number, mark = ''): readonly string[] => [
    `${mark}${label}${mark}`,
    ...RATES.map((eventsPerSecond) => `${mark}${dollars(of({ eventsPerSecond }))}${mark}`),
  ];
  return table(
    [words.month, ...RATES.map(words.rate)],
    [
      ...services,
      row(words.one, all.one, '**'),
      row(words.three, all.three, '**'),
      row(words.sink, all.furtherSink),
      row(words.destination, all.furtherDestination),
      row(words.archive, all.archive),
    ],
  );
}

/** How long events wait in the relay, at a middling rate, and dollars of one sink. */
function budgetTable(all: Figures, language: Language): readonly string[] {
  const words = WORDS[language];
  const rows = BUDGETS.map((budget) => {
    const { waits } = playSends({ eventsPerSecond: RATE, warningShare: ASSUMPTIONS.warningShare }, budget);
    const wait = (sorted: readonly number[]): string => {
      const [half, most] = [quantile(sorted, 0.5), quantile(sorted, 1)];
      if (most < 1) return words.nothing;
      return words.half(half < 1 ? words.nothing : words.seconds(half), words.seconds(most));
    };
    return [
      `\`${budget.perSecond}\``,
      wait(waits.warning),
      wait(waits.normal),
      ...RATES.map((eventsPerSecond) => dollars(all.one({ eventsPerSecond, budget }))),
    ];
  });
  return table(words.budget, rows);
}

function dollars(value: number): string {
  return `$${value.toFixed(2)}`;
}

function template(configs: readonly SinkConfig[], settings: Readonly<Record<string, unknown>>): TemplateBody {
  // Neither code nor validation: no bundle is built for a table.
  const context = { 'aws:cdk:bundling-stacks': [], clusters: 'prod', ...settings };
  const app = new App({ context, builtinCloudFormationValidation: false });
  const stack = new KubeCourierStack(app, { settings: parseSettings(context, configs) });
  const body: TemplateBody = app.synth().getStackByName(stack.stackName).template;
  return body;
}
