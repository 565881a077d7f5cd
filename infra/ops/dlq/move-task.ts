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
  /** At least 1, because SQS takes whole numbers only. @default as fast as SQS sees fit */
  readonly perSecond?: number | undefined;
}

/**
 * Lets SQS move a whole queue of letters, and shows its progress to the end. A task that runs already is followed; an
 * interruption cancels the task, and what was moved stays moved. Resolves to how many messages were moved, whatever they hold,
 * and whether it ended.
 */
export async function moveAll(
  move: Move,
  io: Pick<Io, 'clock' | 'err' | 'progress' | 'signal'>,
): Promise<{ readonly moved: number; readonly isComplete: boolean }> {
  const { sqs, source } = move;
  const before = await newest(sqs, source.arn);
  const isRunning = before?.Status === 'RUNNING';
  if (isRunning) io.err('a move task is running for this queue already: following it');
  const handle = isRunning ? before.TaskHandle : await start(move);
  const progress = createProgress(io, 'moved');
  for (;;) {
    const task = await newest(sqs, source.arn);
    // The list may not show the new task yet, but the one before.
    const isShown = isRunning || task?.StartedTimestamp !== before?.StartedTimestamp;
    const { Status = 'RUNNING', ...numbers } = (isShown ? task : undefined) ?? {};
    const moved = numbers.ApproximateNumberOfMessagesMoved ?? 0;
    if (isShown) progress.update(moved, numbers.ApproximateNumberOfMessagesToMove ?? source.waiting);
    if (Status === 'FAILED')
      throw new OpsError(
        `SQS gave up after ${countText(moved, 'message')}: ${numbers.FailureReason ?? 'no reason given'}`,
      );
    if (Status !== 'RUNNING' && Status !== 'CANCELLING') return { moved, isComplete: Status === 'COMPLETED' };
    if (io.signal.aborted && Status === 'RUNNING') {
      await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: handle }));
      return { moved, isComplete: false };
    }
    await io.clock.sleep(POLL_MS, io.signal);
  }
}

/** Resolves to the task's handle, by which it is cancelled. */
async function start({ sqs, source, targetArn, perSecond }: Move): Promise<string | undefined> {
  const { TaskHandle } = await sqs.send(
    new StartMessageMoveTaskCommand({
      SourceArn: source.arn,
      DestinationArn: targetArn,
      ...(perSecond !== undefined && { MaxNumberOfMessagesPerSecond: Math.floor(perSecond) }),
    }),
  );
  return TaskHandle;
}

/** By default the list holds the newest task alone. */
async function newest(sqs: SQSClient, arn: string): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn }));
  return Results[0];
}
