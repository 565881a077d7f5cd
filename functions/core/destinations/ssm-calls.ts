import { serviceEndpoint } from '../aws/endpoint.ts';
import { serviceCalls } from '../aws/service-calls.ts';
import type { CallLimits } from '../contract/limits.ts';
import type { AwsAccess } from '../contract/sink.ts';

/** A parameter as SSM gives it. */
export interface Parameter {
  readonly Name?: string | undefined;
  readonly Version?: number | undefined;
  readonly Value?: string | undefined;
  readonly Type?: string | undefined;
}

/** Parameters, and how to ask for more. It is somebody else's text: nothing says that it has this shape. */
export interface ParameterPage {
  readonly Parameters?: readonly Parameter[] | undefined;
  readonly NextToken?: string | undefined;
}

type ParameterCall<Input> = (input: Input, signal: AbortSignal | undefined) => Promise<ParameterPage>;

interface Paged {
  readonly NextToken?: string;
}

/** The calls of SSM's Parameter Store that reading takes. What SSM refuses is a {@link ServiceError}. */
export interface ParameterCalls {
  readonly getParametersByPath: ParameterCall<Paged & { readonly Path: string; readonly Recursive: boolean }>;
  readonly getParameters: ParameterCall<{ readonly Names: string[]; readonly WithDecryption: boolean }>;
  readonly getParameterHistory: ParameterCall<Paged & { readonly Name: string; readonly WithDecryption: boolean }>;
}

/** SSM answers within a tenth of a second; reading twice harms nobody. */
const LIMITS: CallLimits = { connectMs: 2000, answerMs: 4000 };

/**
 * The calls that functions make. All functions of an account that start at once share 40 reads a second, so a throttled call is
 * repeated until the reader's signal aborts, with growing pauses (at random, up to 20 s).
 * @param env says where SSM is, if not in its region: `AWS_ENDPOINT_URL_SSM` and the others of the SDK.
 */
export function ssmCalls(
  aws: AwsAccess,
  env: Readonly<Record<string, string | undefined>>,
  limits: CallLimits = LIMITS,
): ParameterCalls {
  const call = serviceCalls({
    name: 'ssm',
    async place() {
      const region = await aws.region();
      return { region, url: serviceEndpoint('ssm', region, env) };
    },
    credentials: aws.credentials,
    limits,
    attempts: 20,
  });
  const output = async (operation: string, input: object, signal: AbortSignal | undefined): Promise<ParameterPage> =>
    (await call(operation, input, signal)).output;
  return {
    getParametersByPath: (input, signal) => output('GetParametersByPath', input, signal),
    getParameters: (input, signal) => output('GetParameters', input, signal),
    getParameterHistory: (input, signal) => output('GetParameterHistory', input, signal),
  };
}
