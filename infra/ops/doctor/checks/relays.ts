import manifest from '../../../../package.json' with { type: 'json' };
import { called } from '../../../called.ts';
import type { RelayOutput } from '../../../stack/parse-outputs.ts';
import { countText } from '../../count.ts';
import { durationText } from '../../duration.ts';
import type { Heartbeat } from '../../status/signals.ts';
import { fail, ok, skipped, warn, type Finding } from '../finding.ts';
import type { World } from '../world.ts';

/** One heartbeat comes every five minutes. */
const SILENT_MS = 10 * 60_000;

/** Whether each listed cluster's relay was heard of late. */
export async function heartbeats(world: World): Promise<readonly Finding[]> {
  const { relays } = world.deployed;
  if (relays.length === 0) return [skipped('the stack lists no cluster', 'add yours to clusters and deploy')];
  const latest = await newest(world);
  const now = await awsNow(world);
  return relays.map((relay) => {
    const last = latest.find(({ cluster }) => cluster === relay.cluster);
    const age = last && now - last.at;
    if (age !== undefined && age <= SILENT_MS) return ok(`${relay.cluster}: heartbeat ${durationText(age / 1000)} ago`);
    const heard = age === undefined ? '' : ` (the last ${durationText(age / 1000)} ago)`;
    return fail(`${relay.cluster}: no heartbeat for 10 minutes${heard}`, whereToLook(relay, world));
  });
}

function whereToLook({ cluster, namespace }: RelayOutput, { command }: World): string {
  const kubectl = `kubectl --namespace ${namespace}`;
  return `${kubectl} get pods; not there: ${command(`relay manifest --cluster ${cluster}`)} | kubectl apply -f -; not ready: ${kubectl} logs deployment/kube-courier-relay says what it waits for, as does /readyz`;
}

/** Whether checkout, stack and relays are of one version; functions go first. */
export async function versions(world: World): Promise<readonly Finding[]> {
  const { deployed, command } = world;
  if (deployed.version === '')
    return [skipped('the stack does not say which version it is', `${called.deploy}: from this version on it does`)];
  const latest = await newest(world);
  const checkout = order(deployed.version, manifest.version);
  const found = [
    checkout === 0
      ? ok(`the stack is ${deployed.version}, as this checkout`)
      : warn(
          `the stack is ${deployed.version}, this checkout ${manifest.version}`,
          checkout < 0
            ? `${called.deploy}, to bring it up`
            : `${called.update}: these commands are older than the stack`,
        ),
  ];
  for (const { cluster, version } of latest) {
    const relay = order(version, deployed.version);
    if (relay < 0)
      found.push(
        warn(
          `${cluster}: the relay is ${version}, the functions are ${deployed.version}`,
          `${command(`relay manifest --cluster ${cluster}`)} | kubectl apply -f -`,
        ),
      );
    if (relay > 0)
      found.push(
        warn(
          `${cluster}: the relay is ${version}, newer than the functions (${deployed.version})`,
          `${called.deploy}: functions read the messages of earlier relays, not of later ones`,
        ),
      );
  }
  return found;
}

/** Below 0: the first version is earlier. */
function order(one: string, other: string): number {
  const numbers = (version: string): readonly number[] => version.split(/\D+/).map(Number);
  const others = numbers(other);
  return (
    numbers(one)
      .map((number, index) => number - (others[index] ?? 0))
      .find((difference) => difference !== 0) ?? 0
  );
}

/** A heartbeat that was not accepted is sent again after a while. */
const LATE_MS = 60_000;
const EARLY_MS = 2000;

/** Whether the clocks of relays, and this machine's, are AWS'. */
export async function clocks(world: World): Promise<readonly Finding[]> {
  const { aheadMs } = await world.caller();
  const latest = await newest(world);
  const relays = latest.flatMap(relayClock);
  const own = ownClock(aheadMs, relays.length === 0 ? latest.filter(({ lateMs }) => lateMs !== undefined).length : 0);
  return [own, ...relays];
}

/** AWS refuses signatures that are five minutes off; some of its tools correct that. */
const REFUSED_MS = 5 * 60_000;
const NOTICEABLE_MS = 30_000;

function ownClock(aheadMs: number, relays: number): Finding {
  const off = Math.abs(aheadMs);
  const whose =
    relays === 0 ? "this machine's clock is" : `the clocks of this machine and of ${countText(relays, 'relay')} are`;
  if (off < NOTICEABLE_MS) return ok(`${whose} AWS', to within a minute`);
  const said = `this machine's clock is ${durationText(off / 1000)} ${aheadMs > 0 ? 'behind' : 'ahead of'} AWS'`;
  const advice = 'set it by NTP; AWS refuses signatures that are five minutes off';
  return off >= REFUSED_MS ? fail(said, advice) : warn(said, advice);
}

function relayClock({ cluster, lateMs }: Heartbeat): readonly Finding[] {
  if (lateMs === undefined) return [];
  if (lateMs < -EARLY_MS)
    return [
      fail(
        `${cluster}: the relay's clock is ${durationText(-lateMs / 1000)} ahead of AWS'`,
        "set its nodes' clocks by NTP: AWS refuses its signatures when they are five minutes off",
      ),
    ];
  if (lateMs <= LATE_MS) return [];
  return [
    warn(
      `${cluster}: the last heartbeat came to SQS after ${durationText(lateMs / 1000)}`,
      "the relay's clock is behind AWS', or it could not send: its /readyz and its log say so",
    ),
  ];
}

/** The newest heartbeat of each cluster. */
async function newest({ signals }: World): Promise<readonly Heartbeat[]> {
  const { heartbeats: all } = await signals();
  return [...Map.groupBy(all, ({ cluster }) => cluster).values()]
    .flatMap((own) => own.toSorted((a, b) => b.at - a.at)[0] ?? [])
    .toSorted((a, b) => a.cluster.localeCompare(b.cluster));
}

/** Now by AWS' clock, which the log's times are of. */
export async function awsNow({ io, caller }: World): Promise<number> {
  return io.clock.now() + (await caller()).aheadMs;
}
