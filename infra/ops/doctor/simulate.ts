import {
  ContextKeyTypeEnum,
  paginateSimulatePrincipalPolicy,
  type EvaluationResult,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { allowed } from './finding.ts';

/** Whether all of these actions would be allowed on each of these resources. */
export interface Question {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** What AWS would know of such a call, by the names of condition keys. */
  readonly context?: Readonly<Record<string, string>>;
}

/** What would not be allowed. */
export interface Refusal {
  readonly action: string;
  readonly resource: string;
}

/**
 * Lets IAM say what a user or a role would not be allowed, without doing it. It counts in the principal's own policies, its
 * boundary and the organization's, not the policies of resources (a queue, a key) or of a session
 * (IAM user guide, "IAM policy testing with the IAM policy simulator").
 */
export async function refusals(
  iam: IAMClient,
  principalArn: string,
  questions: readonly Question[],
): Promise<readonly Refusal[]> {
  const found: Refusal[] = [];
  // One after the other: IAM allows few simulations a second.
  for (const question of questions)
    found.push(...(await allowed('iam:SimulatePrincipalPolicy', simulate(iam, principalArn, question))));
  return found;
}

async function simulate(
  client: IAMClient,
  PolicySourceArn: string,
  { actions, resources, context = {} }: Question,
): Promise<readonly Refusal[]> {
  const pages = paginateSimulatePrincipalPolicy(
    { client },
    {
      PolicySourceArn,
      ActionNames: [...actions],
      ResourceArns: [...resources],
      ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyType: ContextKeyTypeEnum.STRING,
        ContextKeyValues: [value],
      })),
    },
  );
  const found: Refusal[] = [];
  for await (const { EvaluationResults = [] } of pages) found.push(...EvaluationResults.flatMap(refused));
  return found;
}

function refused({
  EvalActionName: action = '',
  EvalResourceName = '',
  EvalDecision,
  ResourceSpecificResults = [],
  OrganizationsDecisionDetail,
}: EvaluationResult): readonly Refusal[] {
  const byOrganization = OrganizationsDecisionDetail?.AllowedByOrganizations === false;
  const each =
    ResourceSpecificResults.length > 0
      ? ResourceSpecificResults.map((result) => [result.EvalResourceName ?? '', result.EvalResourceDecision] as const)
      : [[EvalResourceName, EvalDecision] as const];
  return each
    .filter(([, decision]) => byOrganization || decision !== 'allowed')
    .map(([resource]) => ({ action, resource }));
}

/** The actions among refusals, each once. */
export function actionsOf(found: readonly Refusal[]): readonly string[] {
  return [...new Set(found.map(({ action }) => action))].toSorted();
}
