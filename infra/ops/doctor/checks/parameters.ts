import { paginateDescribeParameters, type SSMClient } from '@aws-sdk/client-ssm';
import { readsSilences } from '../reads-silences.ts';
import { countText } from '../../count.ts';
import { arnsOf, nameOf, type Arns } from '../arns.ts';
import { allowed, fail, ok, type Finding } from '../finding.ts';
import { refusals, type Question } from '../simulate.ts';
import type { DeployedFunction, World } from '../world.ts';

/** Whether the role of each function may read its parameters, and use the keys that their secrets are encrypted with. */
export async function parameters(world: World): Promise<readonly Finding[]> {
  const { clients, deployed, functions } = world;
  const [all, secrets, arns] = await Promise.all([
    functions(),
    allowed('ssm:DescribeParameters', listSecrets(clients.ssm, deployed.prefix)),
    arnsOf(world),
  ]);
  const problems: Finding[] = [];
  for (const each of all) {
    const role = each.configuration.Role ?? '';
    const questions = [...questionsOf(each, secrets, arns), ...(await silenceQuestions(each, arns))];
    const refused = await refusals(clients.iam, role, questions);
    const pairs = refused.map(({ action, resource }) => `${action} on ${resource}`);
    const advice = `allow it: the policy of ${nameOf(role)} was changed, or a boundary, an organization or a key of another account forbids it`;
    if (pairs.length > 0) problems.push(fail(`${each.consumer.owner}: may not ${pairs.join(', ')}`, advice));
  }
  if (problems.length > 0) return problems;
  return [
    ok(`the functions may read destinations and ${countText(secrets.length, 'secret')} (policies of keys aside)`),
  ];
}

/** Whether functions have found something wrong with what they read. */
export async function documents({ signals, command }: World): Promise<readonly Finding[]> {
  const { configErrors, silenceErrors } = await signals();
  const found = [
    ...(configErrors.length > 0
      ? [fail(`functions complain of ${configErrors.join(', ')}`, command('destinations validate'))]
      : []),
    ...(silenceErrors.length > 0
      ? [fail(`functions complain of silences: ${silenceErrors.join(', ')}`, command('silence ls'))]
      : []),
  ];
  return found.length > 0 ? found : [ok('no function has complained of a destination or silence in 15 minutes')];
}

interface Secret {
  /** `<type>/<name>`. */
  readonly id: string;
  /** A key's ARN or id, or `alias/...`. */
  readonly key: string;
}

async function listSecrets(client: SSMClient, prefix: string): Promise<readonly Secret[]> {
  const root = `${prefix}/secrets`;
  const found: Secret[] = [];
  const request = { ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: [root] }] };
  for await (const { Parameters = [] } of paginateDescribeParameters({ client }, request)) {
    for (const { Name = '', KeyId = '' } of Parameters) found.push({ id: Name.slice(root.length + 1), key: KeyId });
  }
  return found;
}

async function silenceQuestions(
  { consumer: { owner } }: DeployedFunction,
  { parameter }: Arns,
): Promise<readonly Question[]> {
  if (!(await readsSilences(owner))) return [];
  return [{ actions: ['ssm:GetParametersByPath'], resources: [parameter('silences')] }];
}

function questionsOf(
  { consumer: { owner } }: DeployedFunction,
  secrets: readonly Secret[],
  { of, parameter }: Arns,
): readonly Question[] {
  const listing = ['ssm:GetParametersByPath', 'ssm:GetParameterHistory'];
  if (owner === 'router') return [{ actions: listing, resources: [parameter('destinations')] }];
  const own = secrets.filter(({ id }) => id.startsWith(`${owner}/`));
  return [
    { actions: listing, resources: [parameter(`destinations/${owner}`), parameter(`secrets/${owner}`)] },
    ...(own.length > 0
      ? [{ actions: ['ssm:GetParameters'], resources: own.map(({ id }) => parameter(`secrets/${id}`)) }]
      : []),
    ...own.map(({ id, key }) => ({
      actions: ['kms:Decrypt'],
      // Which key an alias stands for makes no difference to policies that name all keys of the account.
      resources: [key.startsWith('arn:') ? key : of('kms', `key/${key.replace(/^alias\//, '')}`)],
      context: { 'kms:EncryptionContext:PARAMETER_ARN': parameter(`secrets/${id}`) },
    })),
  ];
}
