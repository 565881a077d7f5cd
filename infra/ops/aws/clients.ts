import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

/** Region, credentials and endpoint come from where the SDK looks for them: environment, profile, login. */
const settings = { maxAttempts: 5 };

export const createCloudFormation = (): CloudFormationClient => new CloudFormationClient(settings);
export const createCloudWatch = (): CloudWatchClient => new CloudWatchClient(settings);
export const createLogs = (): CloudWatchLogsClient => new CloudWatchLogsClient(settings);
export const createLambda = (): LambdaClient => new LambdaClient(settings);
export const createSqs = (): SQSClient => new SQSClient(settings);
export const createSsm = (): SSMClient => new SSMClient(settings);
