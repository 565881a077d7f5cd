import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import {
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  SSMServiceException,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { ServiceError } from '../../../functions/core/aws/service-calls.ts';
import type { ParameterCalls } from '../../../functions/core/destinations/ssm-calls.ts';
import type { QueueCalls } from '../../../functions/core/runtime/queue-calls.ts';

/** The calls that functions make of SQS, by the SDK's client, which has an operator's login. */
export function sdkQueueCalls(sqs: SQSClient): QueueCalls {
  return {
    sendMessageBatch: (input, abortSignal) => sqs.send(new SendMessageBatchCommand(input), { abortSignal }),
    changeMessageVisibilityBatch: (input, abortSignal) =>
      sqs.send(new ChangeMessageVisibilityBatchCommand(input), { abortSignal }),
    deleteMessageBatch: (input, abortSignal) => sqs.send(new DeleteMessageBatchCommand(input), { abortSignal }),
  };
}

/** The calls that functions make of SSM, by the SDK's client. */
export function sdkParameterCalls(ssm: SSMClient): ParameterCalls {
  return {
    getParametersByPath: (input, signal) =>
      ssm.send(new GetParametersByPathCommand(input), until(signal)).catch(asServiceError),
    getParameters: (input, signal) => ssm.send(new GetParametersCommand(input), until(signal)).catch(asServiceError),
    getParameterHistory: (input, signal) =>
      ssm.send(new GetParameterHistoryCommand(input), until(signal)).catch(asServiceError),
  };
}

function asServiceError(error: unknown): never {
  if (error instanceof SSMServiceException)
    throw new ServiceError(error.name, error.message, error.$metadata.httpStatusCode ?? 0);
  // V8 quotes the text of which it says that it is no JSON, and that text may hold secrets.
  if (error instanceof SyntaxError) throw new Error('SSM answered what is not JSON');
  throw error;
}

function until(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
