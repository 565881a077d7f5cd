import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { GetServiceSettingCommand } from '@aws-sdk/client-ssm';
import { countText, plural } from '../../count.ts';
import { allowed, ok, warn, type Finding } from '../finding.ts';
import { readsSilences } from '../reads-silences.ts';
import type { DeployedFunction, World } from '../world.ts';

/** Whether the account runs as many functions at once as the stack may want. */
export async function concurrency({ clients, functions }: World): Promise<readonly Finding[]> {
  const [{ AccountLimit }, deployed] = await Promise.all([
    allowed('lambda:GetAccountSettings', clients.lambda.send(new GetAccountSettingsCommand({}))),
    functions(),
  ]);
  const limit = AccountLimit?.ConcurrentExecutions ?? 0;
  // What is reserved for others is not for us.
  const free = AccountLimit?.UnreservedConcurrentExecutions ?? limit;
  const wanted = deployed.reduce((sum, each) => sum + environments(each), 0);
  const said = `the functions may run ${wanted} at once, the account runs ${limit}${free < limit ? `, ${free} of them unreserved` : ''}`;
  if (wanted <= free) return [ok(said)];
  const advice =
    'ask Service Quotas for 1,000 "Concurrent executions" of Lambda, or lower maxConcurrency: refused events wait';
  return [warn(said, advice)];
}

const HIGH_THROUGHPUT = '/ssm/parameter-store/high-throughput-enabled';
/** What an account may read without that setting (Systems Manager endpoints and quotas, "Transactions per second"). */
const READS_PER_SECOND = 40;
/** Parameters that one answer lists. */
const PAGE = 10;
/** The least time after which a function looks again (`ssm-source.ts`). */
const REFRESH_SECONDS = 30;

/** Whether SSM answers as often as the functions ask, when as many of them run as may. */
export async function parameterReads({ clients, functions, destinations }: World): Promise<readonly Finding[]> {
  const command = new GetServiceSettingCommand({ SettingId: HIGH_THROUGHPUT });
  const [{ ServiceSetting }, deployed, documents] = await Promise.all([
    allowed('ssm:GetServiceSetting', clients.ssm.send(command)),
    functions(),
    destinations(),
  ]);
  const ids = [...documents.keys()];
  const calls = await Promise.all(
    deployed.map(async (each) => environments(each) * (pagesFor(each, ids) + (await silencePages(each)))),
  );
  const perSecond = calls.reduce((sum, each) => sum + each, 0) / REFRESH_SECONDS;
  const many = `${countText(ids.length, 'destination')} ${plural(ids.length, 'are', 'is')}`;
  const said = `${many} read ${perSecond.toFixed(1)} times a second at most`;
  if (ServiceSetting?.SettingValue === 'true') return [ok(`${said}; higher throughput of SSM is on`)];
  // Other software of the account reads as well.
  if (perSecond <= READS_PER_SECOND / 2) return [ok(`${said}, of ${READS_PER_SECOND} that SSM allows the account`)];
  const advice = `aws ssm update-service-setting --setting-id ${HIGH_THROUGHPUT} --setting-value true (it is charged by call), or lower maxConcurrency`;
  return [warn(`${said}, SSM allows the account ${READS_PER_SECOND}`, advice)];
}

/** How many of a function may run at once. Without a bound of its own, an event source goes up to a thousand and more. */
function environments({ consumer, mappings }: DeployedFunction): number {
  const own = mappings.find(({ UUID }) => UUID === consumer.eventSource);
  return own?.ScalingConfig?.MaximumConcurrency ?? 1000;
}

/** Silences are few: one page. */
async function silencePages({ consumer: { owner } }: DeployedFunction): Promise<number> {
  return (await readsSilences(owner)) ? 1 : 0;
}

/** The calls of one look: the router lists all documents, a sink its own type's and their secrets. */
function pagesFor({ consumer: { owner } }: DeployedFunction, ids: readonly string[]): number {
  const pages = (count: number): number => Math.max(1, Math.ceil(count / PAGE));
  if (owner === 'router') return pages(ids.length);
  return 2 * pages(ids.filter((id) => id.startsWith(`${owner}/`)).length);
}
