import { called } from '../../called.ts';
import { opsCommand } from '../../stack/ops-command.ts';
import type { Deployed } from '../../ops/aws/stack.ts';
import { openStore } from '../../ops/aws/store.ts';
import type { ConsoleSource } from '../source.ts';
import { searchCommand } from '../search-command.ts';
import { createKept } from './kept.ts';
import { readVersions, saveDestination, testDestination } from './destinations.ts';
import { createFollower } from './events.ts';
import { readFlow } from './flow.ts';
import { readLetterGroups, replayLetters } from './letters.ts';

/** CloudWatch is paid for by the metric that is asked for, and is a minute behind anyway. */
const FLOW_MS = 15_000;

/** A deployed stack as the console shows it: what `ops` commands read, and the same changes. */
export function createStackSource(deployed: Deployed): ConsoleSource {
  const { stack, region, sinks, archive } = deployed;
  const type = (words: string): string => opsCommand({ stackName: stack }, words);
  const store = openStore(deployed);
  const flow = createKept(() => readFlow(deployed, Date.now()), FLOW_MS);
  const hasLog = sinks.some(({ owner }) => owner === 'log');
  return {
    about: {
      kind: 'stack',
      title: `stack ${stack} in ${region}`,
      sinks: sinks.map(({ owner }) => owner),
      cannot: {
        deliveries: {
          why: hasLog
            ? 'functions log what failed, not each event that was delivered'
            : 'events are seen here through the sink log, which this stack does not have: add log to sinks, deploy, and give it a destination',
          command: type('status'),
        },
        ledger: {
          why: 'SQS counts messages and CloudWatch counts minutes: what is under way adds up only later',
          command: type('status'),
        },
        receiver: { why: `the receiver that misbehaves on demand is a part of ${called.sample}` },
      },
    },
    follow: createFollower(deployed),
    flow,
    letters: (signal) => readLetterGroups(deployed, signal),
    replay: (request, signal) => replayLetters(deployed, request, signal),
    documents: store.source,
    versions: (id) => readVersions(deployed, id),
    save: (request) => saveDestination(deployed, request),
    test: (id) => testDestination(deployed, id),
    putSilence: async (name, text) => void (await store.put('silences', name, text)),
    removeSilence: (name) => store.remove('silences', name),
    ...(archive && { earlier: (object: object) => type(searchCommand({ ...object, since: '7d' })) }),
  };
}
