import {
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  ListAccessKeysCommand,
  type GetOpenIDConnectProviderResponse,
} from '@aws-sdk/client-iam';
import { recordOf, textOf } from '../../../../functions/core/contract/untrusted.ts';
import type { RelayOutput } from '../../../stack/parse-outputs.ts';
import { arnsOf, nameOf } from '../arns.ts';
import { allowed, fail, findingsOfEach, ok, skipped, type Finding } from '../finding.ts';
import { refusals } from '../simulate.ts';
import type { World } from '../world.ts';

/** Whether the role or user of each relay may put messages on the ingest queue. */
export async function relayPermissions(world: World): Promise<readonly Finding[]> {
  const { deployed, clients, caller } = world;
  if (deployed.relays.length === 0)
    return [skipped('the stack lists no cluster', 'add yours to clusters, for an identity and an alarm, and deploy')];
  const queue = (await arnsOf(world)).queue(deployed.ingestQueueUrl);
  const { partition, account } = await caller();
  return findingsOfEach(deployed.relays, async ({ cluster, roleArn, userName }) => {
    const principal = roleArn ?? (userName && `arn:${partition}:iam::${account}:user/${userName}`);
    if (principal === undefined)
      return skipped(
        `${cluster}: its key or role is of your own`,
        'see whether its heartbeat arrives; it needs sqs:SendMessage on the ingest queue',
      );
    const refused = await refusals(clients.iam, principal, [{ actions: ['sqs:SendMessage'], resources: [queue] }]);
    if (refused.length === 0) return ok(`${cluster}: ${principal} may send to the ingest queue`);
    return fail(
      `${cluster}: ${principal} may not call sqs:SendMessage`,
      `allow it on ${queue}: somebody has changed its policy, or a boundary or an organization forbids it`,
    );
  });
}

/** Whether each relay can become who it should be: its role trusts it, its user has a key. */
export async function relayTrust({ deployed, clients: { iam } }: World): Promise<readonly Finding[]> {
  const own = deployed.relays.filter(({ roleArn, userName }) => roleArn !== undefined || userName !== undefined);
  return findingsOfEach(own, (relay) => {
    const { roleArn, userName = '' } = relay;
    return roleArn === undefined ? accessKey(relay, userName, iam) : roleTrust(relay, roleArn, iam);
  });
}

type Iam = World['clients']['iam'];

async function accessKey({ cluster, namespace }: RelayOutput, UserName: string, iam: Iam): Promise<Finding> {
  const reply = await allowed('iam:ListAccessKeys', iam.send(new ListAccessKeysCommand({ UserName })));
  if (reply.AccessKeyMetadata?.some(({ Status }) => Status === 'Active'))
    return ok(`${cluster}: the user ${UserName} has an access key`);
  const advice = `aws iam create-access-key --user-name ${UserName}, then put it into the Secret kube-courier-aws in ${namespace}`;
  return fail(`${cluster}: the user ${UserName} has no active access key`, advice);
}

async function roleTrust(relay: RelayOutput, roleArn: string, iam: Iam): Promise<Finding> {
  const { cluster, identity } = relay;
  const reply = await allowed('iam:GetRole', iam.send(new GetRoleCommand({ RoleName: nameOf(roleArn) })));
  const statements = statementsOf(reply.Role?.AssumeRolePolicyDocument ?? '');
  const problem =
    identity === 'irsa' ? await webIdentityProblem(relay, statements, iam) : podIdentityProblem(relay, statements);
  return problem === undefined
    ? ok(`${cluster}: the role trusts ${relay.namespace}/${relay.serviceAccount}`)
    : fail(`${cluster}: the role ${nameOf(roleArn)} ${problem.said}`, problem.advice);
}

interface Problem {
  readonly said: string;
  readonly advice: string;
}

const REPAIR = 'somebody has changed its trust policy: set namespace and serviceAccount in clusters and deploy';

function podIdentityProblem(
  { namespace, serviceAccount }: RelayOutput,
  statements: readonly Statement[],
): Problem | undefined {
  const own = statements.filter(({ principals }) => principals.includes('pods.eks.amazonaws.com'));
  const missing = ['sts:AssumeRole', 'sts:TagSession'].filter(
    (action) => !own.some(({ actions }) => actions.includes(action)),
  );
  if (missing.length > 0)
    return { said: `does not let EKS Pod Identity call ${missing.join(' and ')}`, advice: REPAIR };
  return differs(own, { 'kubernetes-namespace': namespace, 'kubernetes-service-account': serviceAccount });
}

async function webIdentityProblem(
  { namespace, serviceAccount }: RelayOutput,
  statements: readonly Statement[],
  iam: Iam,
): Promise<Problem | undefined> {
  const own = statements.filter(({ actions }) => actions.includes('sts:AssumeRoleWithWebIdentity'));
  const [provider] = own.flatMap(({ principals }) => principals);
  if (provider === undefined) return { said: 'trusts no OIDC provider', advice: REPAIR };
  const found = await providerOf(provider, iam);
  if (found === undefined) {
    const advice = 'eksctl utils associate-iam-oidc-provider --cluster NAME --approve';
    return { said: `trusts ${provider}, which is not in IAM`, advice };
  }
  if (!found.ClientIDList?.includes('sts.amazonaws.com'))
    return {
      said: `trusts ${provider}, whose audiences leave out sts.amazonaws.com`,
      advice: 'add that audience in IAM',
    };
  return differs(own, { sub: `system:serviceaccount:${namespace}:${serviceAccount}` });
}

async function providerOf(arn: string, iam: Iam): Promise<GetOpenIDConnectProviderResponse | undefined> {
  const command = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
  try {
    return await allowed('iam:GetOpenIDConnectProvider', iam.send(command));
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('NoSuchEntity')) return undefined;
    throw error;
  }
}

/** Which condition of a trust policy wants another value. Keys end in these names: `aws:RequestTag/...`, `<issuer>:sub`. */
function differs(statements: readonly Statement[], wanted: Readonly<Record<string, string>>): Problem | undefined {
  for (const [name, value] of Object.entries(wanted)) {
    const conditions = statements.flatMap(({ equals }) => equals).filter(({ key }) => key.endsWith(name));
    const other = conditions.find(({ values }) => !values.includes(value));
    if (other !== undefined)
      return { said: `trusts ${other.values.join(' or ')}, but the relay is ${value}`, advice: REPAIR };
  }
  return undefined;
}

interface Statement {
  readonly actions: readonly string[];
  /** Of all kinds: services, providers. */
  readonly principals: readonly string[];
  /** The conditions that want equality. */
  readonly equals: readonly { readonly key: string; readonly values: readonly string[] }[];
}

/** What a policy allows. @param document as IAM gives it, percent-encoded. */
function statementsOf(document: string): readonly Statement[] {
  const { Statement: statements } = recordOf(JSON.parse(decodeURIComponent(document) || 'null'));
  return listed(statements)
    .map(recordOf)
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Action, Principal, Condition }) => ({
      actions: listed(Action).map(textOf),
      principals: Object.values(recordOf(Principal)).flatMap(listed).map(textOf),
      equals: Object.entries(recordOf(recordOf(Condition)['StringEquals'])).map(([key, values]) => ({
        key,
        values: listed(values).map(textOf),
      })),
    }));
}

/** In policies a list of one may stand without brackets. */
function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
