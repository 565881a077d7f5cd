import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { paginateListSubscriptionsByTopic, type SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { countText, plural } from '../../count.ts';
import { nameOf } from '../arns.ts';
import { allowed, fail, ok, warn, type Finding } from '../finding.ts';
import type { Resource, World } from '../world.ts';

/** Whether somebody would be told: each topic of the stack has a subscription that was confirmed. */
export async function subscriptions({ clients, resources }: World): Promise<readonly Finding[]> {
  const topics = (await resources())
    .filter(({ type }) => type === 'AWS::SNS::Topic')
    .toSorted((a, b) => a.logicalId.localeCompare(b.logicalId));
  return Promise.all(topics.map((topic) => subscriptionsOf(topic, clients.sns)));
}

async function subscriptionsOf({ logicalId, physicalId: arn }: Resource, sns: SNSClient): Promise<Finding> {
  const found = await allowed('sns:ListSubscriptionsByTopic', listSubscriptions(arn, sns));
  const confirmed = found.filter(({ SubscriptionArn = '' }) => SubscriptionArn.startsWith('arn:'));
  const pending = found.filter(({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation');
  // As the guide calls them; CloudFormation has put something before and behind.
  const topic = `topic ${/Page|Ticket/.exec(logicalId)?.[0] ?? nameOf(arn)}`;
  const confirm = `confirm the mail from AWS to ${endpoints(pending)}; if it is lost, subscribe that address to ${arn} again`;
  if (confirmed.length === 0 && pending.length > 0)
    return fail(`${topic}: nobody is told, because ${endpoints(pending)} has not confirmed`, confirm);
  if (confirmed.length === 0)
    return warn(`${topic}: nobody is told of its alarms`, `set alarmEmail and deploy, or subscribe to ${arn}`);
  const said = `${topic}: ${endpoints(confirmed)} ${plural(confirmed.length, 'are', 'is')} told`;
  return pending.length === 0 ? ok(said) : warn(`${said}, ${endpoints(pending)} has not confirmed`, confirm);
}

async function listSubscriptions(TopicArn: string, client: SNSClient): Promise<readonly Subscription[]> {
  const found: Subscription[] = [];
  for await (const page of paginateListSubscriptionsByTopic({ client }, { TopicArn }))
    found.push(...(page.Subscriptions ?? []));
  return found;
}

function endpoints(of: readonly Subscription[]): string {
  return of.map(({ Endpoint, Protocol }) => Endpoint ?? Protocol ?? 'somebody').join(', ');
}

/** CloudWatch's limit for one call. */
const MAX_NAMES = 100;

/** Whether the alarms are as they were deployed, and which of them want somebody. */
export async function alarms({ clients, resources, command }: World): Promise<readonly Finding[]> {
  const names = (await resources())
    .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .map((each) => each.physicalId);
  const found: MetricAlarm[] = [];
  for (let from = 0; from < names.length; from += MAX_NAMES) {
    const some = new DescribeAlarmsCommand({ AlarmNames: names.slice(from, from + MAX_NAMES), MaxRecords: MAX_NAMES });
    const reply = await allowed('cloudwatch:DescribeAlarms', clients.cloudWatch.send(some));
    found.push(...(reply.MetricAlarms ?? []));
  }
  const those = (isOne: (alarm: MetricAlarm) => boolean): readonly string[] =>
    found.filter(isOne).map(({ AlarmName = '' }) => AlarmName);
  const gone = names.filter((name) => !found.some(({ AlarmName }) => AlarmName === name));
  const silent = those(({ ActionsEnabled }) => ActionsEnabled === false);
  const ringing = those(({ StateValue }) => StateValue === 'ALARM');
  const unsure = those(({ StateValue }) => StateValue === 'INSUFFICIENT_DATA');
  const problems = [
    ...(gone.length > 0
      ? [fail(`deleted: ${few(gone)}`, 'make it again by hand, or deploy without its sink or cluster and then with it')]
      : []),
    ...(silent.length > 0
      ? [fail(`tell nobody: ${few(silent)}`, `aws cloudwatch enable-alarm-actions --alarm-names ${silent.join(' ')}`)]
      : []),
    ...(ringing.length > 0
      ? [fail(`in alarm: ${few(ringing)}`, `${command('status')}; infra/OPERATING.md has a section for each`)]
      : []),
    ...(unsure.length > 0
      ? [warn(`without data: ${few(unsure)}`, 'a Heartbeat has none while its relay is silent; others within minutes')]
      : []),
  ];
  return problems.length > 0 ? problems : [ok(`${countText(found.length, 'alarm')}, none of them in alarm`)];
}

/** One screen is for everything. */
function few(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
