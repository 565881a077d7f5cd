import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

/** Region, credentials and endpoint come from where the SDK looks for them: environment, profile, login. */
const settings = { maxAttempts: 5 };

export const createCloudFormation = (): CloudFormationClient => new CloudFormationClient(settings);
export const createCloudWatch = (): CloudWatchClient => new CloudWatchClient(settings);
export const createLogs = (own: Partial<typeof settings> = {}): CloudWatchLogsClient =>
  new CloudWatchLogsClient({ ...settings, ...own });
export const createLambda = (): LambdaClient => new LambdaClient(settings);
/** An endpoint of its own is an emulator's, or another store's: the bucket is in the path there. */
export const createS3 = (): S3Client =>
  new S3Client({
    ...settings,
    followRegionRedirects: true,
    forcePathStyle: Boolean(process.env['AWS_ENDPOINT_URL_S3'] || process.env['AWS_ENDPOINT_URL']),
  });
export const createSqs = (): SQSClient => new SQSClient(settings);
export const createSsm = (): SSMClient => new SSMClient(settings);
