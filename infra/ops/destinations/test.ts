import { InvokeCommand } from '@aws-sdk/client-lambda';
import { codeDoc } from '../../../functions/core/contract/codes.ts';
import { loadConfig } from '../../discover.ts';
import { createLambda } from '../aws/clients.ts';
import { consumerOf, readStack, STACK_OPTIONS, type Deployed } from '../aws/stack.ts';
import { openStore, readOne } from '../aws/store.ts';
import { concealer } from './conceal.ts';
import { defineCommand, OpsError } from '../command.ts';
import { readEvents } from '../events.ts';
import { testEvent } from '../test-event.ts';
import { textsOf } from '../../../functions/core/contract/untrusted.ts';
import { parseId } from '../folder.ts';

export const command = defineCommand({
  usage: 'TYPE/NAME [--events FILE]',
  about:
    'Delivers one event through the deployed function, whatever the filter says, and prints the outcome with what to do. By default the event is a sample that says it is a test. No queue is touched.',
  examples: ['npm run -s ops -- destinations test dingtalk/ops'],
  positionals: ['TYPE/NAME'],
  options: {
    ...STACK_OPTIONS,
    events: { value: 'FILE', about: 'Deliver the first event in this file instead; - for standard input.' },
    cluster: { value: 'NAME', about: 'The cluster the event counts as from; default test.' },
  },
  async run(args, io) {
    const [id = ''] = args.positionals;
    const { type } = parseId(id);
    const cluster = args.text('cluster') ?? 'test';
    const file = args.text('events');
    const event = file === undefined ? testEvent(new Date()) : (await readEvents(file, cluster, io))[0]?.raw;
    const { status, code, detail } = await deliverTest(await readStack(args), id, {
      event,
      cluster,
      signal: io.signal,
    });
    const { codes } = await loadConfig(type);
    const advice = code === undefined ? undefined : codeDoc(code, codes)?.advice;
    if (args.json) io.out(JSON.stringify({ destination: id, status, code, detail, advice }));
    else {
      io.out(`${id}: ${[status, code, detail].filter((part) => part !== undefined).join(', ')}`);
      if (advice !== undefined) io.out(advice);
    }
    return status === 'delivered' ? 0 : 1;
  },
});

interface TestDelivery {
  readonly event: unknown;
  readonly cluster: string;
  readonly signal: AbortSignal;
}

/**
 * Delivers an event through the deployed function, whatever the filter says. No queue is touched.
 * @throws {OpsError} if the destination does not exist, or its function fails; it repeats no secret.
 */
export async function deliverTest(
  deployed: Deployed,
  id: string,
  { event, cluster, signal }: TestDelivery,
): Promise<TestOutcome> {
  const { functionName, logGroup } = consumerOf(deployed, parseId(id).type);
  const { secretText } = await readOne(openStore(deployed), id);
  const reply = await createLambda().send(
    new InvokeCommand({
      FunctionName: functionName,
      Payload: JSON.stringify({ test: { destination: id, event, cluster } }),
    }),
    { abortSignal: signal },
  );
  const text = Buffer.from(reply.Payload ?? []).toString();
  if (reply.FunctionError !== undefined) {
    throw new OpsError(
      `the function ${functionName} failed: ${concealer(secretText)(errorText(text)).slice(0, 300)} (its log group: ${logGroup})`,
    );
  }
  return parseOutcome(text);
}

export interface TestOutcome {
  readonly status: string;
  readonly code: string | undefined;
  readonly detail: string | undefined;
}

function parseOutcome(text: string): TestOutcome {
  const { status, code, detail } = textsOf(JSON.parse(text || 'null'));
  return { status: status ?? 'unknown', code, detail };
}

function errorText(text: string): string {
  const [, message = text] = /"errorMessage":\s*"((?:[^"\\]|\\.)*)"/.exec(text) ?? [];
  return message;
}
