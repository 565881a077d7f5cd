import { randomUUID } from 'node:crypto';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { codeDoc } from '../../../../functions/core/contract/codes.ts';
import { clusterEvent } from '../../../../functions/core/contract/event.ts';
import { writeMessage, type EventMessage } from '../../../../functions/core/contract/message.ts';
import { nearest } from '../../../../functions/core/kit/nearest.ts';
import { consumerOf } from '../../aws/stack.ts';
import { openStore } from '../../aws/store.ts';
import { OpsError } from '../../command.ts';
import { countText } from '../../count.ts';
import { queueState } from '../../dlq/scan.ts';
import { durationText } from '../../duration.ts';
import { loadRouted, type Routed } from '../../folder.ts';
import { oneLine } from '../../one-line.ts';
import { reason } from '../../route.ts';
import { testEvent } from '../../test-event.ts';
import { allowed, fail, ok, skipped, warn, type Finding } from '../finding.ts';
import { shapesFor } from '../fitting.ts';
import { trace, type Reason, type Trace, type Traced } from '../trace.ts';
import type { World } from '../world.ts';
import { awsNow } from './relays.ts';

/** How long an event may take from the ingest queue to its receiver. */
const WANTED_MS = 60_000;
/** CloudWatch shows a line seconds after it was written. */
const WATCH_MS = 90_000;
const POLL_MS = 5000;

/** Sends a real event, marked as a test, through ingest queue, router and one destination, and waits for what becomes of it. */
export async function roundTrip(world: World, signal: AbortSignal): Promise<readonly Finding[]> {
  const { destination: id, destinations, command } = world;
  if (id === undefined) {
    const ids = [...(await destinations()).keys()].toSorted();
    const there = ids.length === 0 ? 'there is none yet' : `there are: ${ids.slice(0, 5).join(', ')}`;
    return [skipped('no event was sent', `${command('doctor --destination TYPE/NAME')} sends a test (${there})`)];
  }
  const routed = await findDestination(id, world);
  await untilKnown(id, world, signal);
  // Not in the identity, which failures are logged with.
  const token = randomUUID().slice(0, 8);
  const message = await fitting(routed, token, world);
  if (typeof message === 'string') {
    const advice = `choose another destination; ${command(`destinations test ${id}`)} delivers whatever the filter says`;
    return [fail(`${id}: its filter lets no test event pass: ${message}`, advice)];
  }
  const traced = { ...(await send(message, routed, world)), token };
  return [await outcome(traced, routed, await watch(traced, world, signal), world)];
}

async function findDestination(id: string, { destinations, deployed: { prefix } }: World): Promise<Routed> {
  const all = await destinations();
  const document = all.get(id);
  const file = `${prefix}/destinations/${id}`;
  if (document !== undefined && 'text' in document) {
    const [type = '', name = ''] = id.split('/');
    const [routed] = await loadRouted([{ id, type, name, file, text: document.text, secretFile: '', secretText: '' }]);
    if (routed) return routed;
  }
  const near = nearest(id, [...all.keys()]);
  throw new OpsError(`there is no parameter ${file}${near === undefined ? '' : ` (did you mean ${near}?)`}`);
}

/** A message that the destination's filter lets pass, or why there is none. */
async function fitting(routed: Routed, token: string, world: World): Promise<EventMessage | string> {
  const now = new Date(await awsNow(world));
  const event = testEvent(now, `ops doctor follows this event (${token})`);
  const cluster = world.deployed.relays[0]?.cluster ?? 'test';
  const shapes = shapesFor(routed.filter, { event, cluster, now });
  const found = shapes.find((shape) => reason(routed, clusterEvent(shape)) === undefined);
  const [first] = shapes;
  return found ?? (first && reason(routed, clusterEvent(first))) ?? 'no shape of it';
}

/** Functions look at the parameters every 45 s: for what was written since, the router would make a dead letter. */
const KNOWN_AFTER_MS = 60_000;

async function untilKnown(id: string, world: World, signal: AbortSignal): Promise<void> {
  const { deployed, clients, io } = world;
  const versions = openStore(deployed, clients.ssm).versions('destinations', id);
  const [newest] = await allowed('ssm:GetParameterHistory', versions);
  const left = (newest?.writtenAt.getTime() ?? 0) + KNOWN_AFTER_MS - (await awsNow(world));
  if (left <= 0) return;
  io.progress(`${id} has just been written: waiting ${durationText(left / 1000)} until the functions know it`);
  await io.clock.sleep(left, signal);
}

async function send(
  message: EventMessage,
  { id, config }: Routed,
  { deployed, clients }: World,
): Promise<Omit<Traced, 'token'>> {
  const { id: event, lastSeen } = clusterEvent(message);
  const consumer = consumerOf(deployed, config.type);
  const body = writeMessage({ ...message, destination: id });
  const command = new SendMessageCommand({ QueueUrl: deployed.ingestQueueUrl, MessageBody: body });
  const { MessageId: messageId = '' } = await allowed('sqs:SendMessage', clients.sqs.send(command));
  const ownLog = config.runtime?.ownLog === true;
  return { event, messageId, destination: id, consumer, ownLog, at: Date.parse(lastSeen) };
}

/** Looks until the event has come to an end, or for as long as it may take. */
async function watch(traced: Traced, world: World, signal: AbortSignal): Promise<Trace> {
  const { clock, progress } = world.io;
  const until = clock.now() + WATCH_MS;
  for (;;) {
    await clock.sleep(POLL_MS, signal);
    const found = await trace(traced, world);
    if (found.delivered || found.dead || clock.now() >= until || signal.aborted) return found;
    progress(
      `waiting for the test event at ${traced.destination}${found.retried ? `: ${found.retried.code}, retried` : ''}`,
    );
  }
}

async function outcome(traced: Traced, { config }: Routed, found: Trace, world: World): Promise<Finding> {
  const { destination, at, event } = traced;
  const { delivered, dead, retried } = found;
  const advice = ({ code }: Reason): string =>
    codeDoc(code, config.codes)?.advice ?? `see ${world.command(`dlq peek ${config.type}`)}`;
  const because = ({ code, detail }: Reason): string => `${code}${detail === '' ? '' : ` (${oneLine(detail)})`}`;
  if (delivered !== undefined) {
    const took = Math.max(0, delivered.at - at);
    const said = `${destination}: the test event was there after ${durationText(took / 1000)}, through ingest queue and router: ${delivered.by}`;
    return took <= WANTED_MS
      ? ok(said)
      : warn(said, `wanted within a minute: ${world.command('status')} shows what waits`);
  }
  if (dead !== undefined)
    return fail(`${destination}: the test event is a dead letter: ${because(dead)}`, advice(dead));
  if (retried !== undefined)
    return fail(`${destination}: the test event is retried: ${because(retried)}`, advice(retried));
  return fail(
    `${destination}: nothing was seen of the test event for ${durationText(WATCH_MS / 1000)}`,
    await whereItMayBe(event, traced, world),
  );
}

async function whereItMayBe(
  event: string,
  { consumer }: Traced,
  { deployed, clients, command }: World,
): Promise<string> {
  const count = async (url: string): Promise<number> => {
    const { waiting, hidden } = await allowed('sqs:GetQueueAttributes', queueState(clients.sqs, url));
    return waiting + hidden;
  };
  const [ingest, own] = await Promise.all([count(deployed.ingestQueueUrl), count(consumer.queueUrl)]);
  if (ingest > 0)
    return `the ingest queue holds ${countText(ingest, 'message')}: does the router run? ${command('status')}`;
  if (own > 0)
    return `the queue of ${consumer.owner} holds ${countText(own, 'message')}: is it paused, or throttled? ${command('status')}`;
  return `it has left the queues; in Logs Insights: filter event = "${event}"`;
}
