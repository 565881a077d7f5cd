import { setTimeout as sleep } from 'node:timers/promises';
import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { OpsError, type Io } from '../command.ts';
import { createProgress } from './progress.ts';
import type { QueueState } from './scan.ts';
import { countText } from '../count.ts';

const POLL_MS = 1000;

/** SQS' limit. */
export const MAX_PER_SECOND = 500;

export interface Move {
  readonly sqs: SQSClient;
  readonly source: QueueState;
  /** Where to: letters written by functions have no recorded source, so SQS must be told. */
  readonly targetArn: string;
  readonly perSecond: number | undefined;
}

/**
 * Lets SQS move a whole queue of letters, and shows its progress to the end. A task that runs already is followed; an
 * interruption cancels the task, and what was moved stays moved. Resolves to how many were moved, and whether it ended.
 */
export async function moveAll(
  { sqs, source, targetArn, perSecond }: Move,
  io: Io,
): Promise<{ readonly moved: number; readonly isComplete: boolean }> {
  const before = await newest(sqs, source.arn);
  const isRunning = before?.Status === 'RUNNING';
  if (isRunning) io.err('a move task is running for this queue already: following it');
  else await start();
  const progress = createProgress(io, 'moved');
  for (;;) {
    const task = await newest(sqs, source.arn);
    if (!isRunning && task?.StartedTimestamp === before?.StartedTimestamp) {
      // The list may not show the new task yet, but the one before; without it there is nothing to cancel either.
      await sleep(POLL_MS);
      continue;
    }
    const moved = task?.ApproximateNumberOfMessagesMoved ?? 0;
    progress.update(moved, task?.ApproximateNumberOfMessagesToMove ?? source.waiting);
    if (task?.Status === 'FAILED')
      throw new OpsError(`SQS gave up after ${countText(moved, 'letter')}: ${task.FailureReason ?? 'no reason given'}`);
    if (task?.Status !== 'RUNNING' && task?.Status !== 'CANCELLING')
      return { moved, isComplete: task?.Status === 'COMPLETED' };
    if (io.signal.aborted && task.Status === 'RUNNING' && task.TaskHandle !== undefined) {
      await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: task.TaskHandle }));
      return { moved, isComplete: false };
    }
    await pause(io.signal);
  }

  async function start(): Promise<void> {
    await sqs.send(
      new StartMessageMoveTaskCommand({
        SourceArn: source.arn,
        DestinationArn: targetArn,
        ...(perSecond !== undefined && { MaxNumberOfMessagesPerSecond: Math.max(1, Math.floor(perSecond)) }),
      }),
    );
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
}

async function newest(sqs: SQSClient, arn: string): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn, MaxResults: 1 }));
  return Results[0];
}
