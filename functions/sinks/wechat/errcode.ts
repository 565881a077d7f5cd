import type { ErrcodeMeaning } from '../../core/chat/errcode.ts';
import type { Codes } from '../../core/contract/config.ts';

/** A robot is accepted again when its minute is over. */
const ROBOT_THROTTLED_AFTER_MS = 60_000;

/** An application over an hourly limit is refused for up to an hour: seven pauses of ten minutes outlast it. */
const APP_THROTTLED_AFTER_MS = 600_000;

const event = (code: string): ErrcodeMeaning => ({ status: 'split', code });
const destination = (code: string): ErrcodeMeaning => ({ status: 'rejected', code });

/** From the table of global return codes in WeCom's developer documentation (path 90455), and the robot's own. */
const meanings: ReadonlyMap<number, ErrcodeMeaning> = new Map<number, ErrcodeMeaning>([
  [-1, { status: 'retry', code: 'system_busy' }],
  [6000, { status: 'retry', code: 'system_busy' }],
  [40001, destination('secret_invalid')],
  [40013, destination('corp_invalid')],
  [40014, { status: 'retry', code: 'token_refused' }],
  [42001, { status: 'retry', code: 'token_refused' }],
  [40056, destination('agent_invalid')],
  [301002, destination('agent_invalid')],
  [48002, destination('agent_invalid')],
  [60011, destination('agent_invalid')],
  [60020, destination('ip_not_allowed')],
  [81013, destination('receivers_invalid')],
  [40003, destination('receivers_invalid')],
  [40031, destination('receivers_invalid')],
  [93000, destination('robot_invalid')],
  [93004, destination('robot_invalid')],
  [93008, destination('robot_invalid')],
  [40058, event('message_too_long')],
  [45002, event('message_too_long')],
  [40008, event('request_invalid')],
  [40033, event('request_invalid')],
  [40035, event('request_invalid')],
  [44004, event('request_invalid')],
]);

const throttles: ReadonlySet<number> = new Set([45009, 45033]);

export function meaningOf(mode: 'app' | 'robot'): (errcode: number) => ErrcodeMeaning | undefined {
  const afterMs = mode === 'app' ? APP_THROTTLED_AFTER_MS : ROBOT_THROTTLED_AFTER_MS;
  return (errcode) =>
    throttles.has(errcode) ? { status: 'retry', code: 'throttled', afterMs } : meanings.get(errcode);
}

/** The replies that mean: get a new access token. 40001 is a wrong secret too, but then getting a token fails. */
export const tokenErrcodes: ReadonlySet<number> = new Set([40001, 40014, 42001]);

export const codes: Codes = {
  secret_missing: {
    status: 'retry',
    meaning: 'The secret that the mode needs is not there.',
    advice: 'Set `corpSecret` for mode app, `robotKey` for mode robot.',
  },
  throttled: {
    status: 'retry',
    meaning:
      'Too many calls: a robot may send 20 messages a minute, an application has limits by minute, hour and day.',
    advice: 'Nothing, if rare. Else narrow the filter, or find out who else uses this robot or application.',
  },
  system_busy: {
    status: 'retry',
    meaning: 'WeCom says that it is busy.',
    advice: 'Nothing: it is tried again.',
  },
  token_refused: {
    status: 'retry',
    meaning: 'A new access token was refused too.',
    advice: 'If it persists, see whether something else keeps replacing the token of this application.',
  },
  secret_invalid: {
    status: 'rejected',
    meaning: 'The secret of the application is wrong.',
    advice: 'Put the secret shown in the admin console for this application into `corpSecret`, then replay.',
  },
  corp_invalid: {
    status: 'rejected',
    meaning: 'There is no company of this id.',
    advice: 'Correct `corpId`: the admin console shows it under My Company. Then replay.',
  },
  agent_invalid: {
    status: 'rejected',
    meaning: 'There is no such application, or the secret belongs to another one.',
    advice: 'Make `agentId` and `corpSecret` those of the same application, then replay.',
  },
  ip_not_allowed: {
    status: 'rejected',
    meaning: 'The application accepts calls from its trusted addresses only.',
    advice: 'Send through a fixed address (a NAT gateway) and list it as trusted for the application, then replay.',
  },
  receivers_invalid: {
    status: 'rejected',
    meaning: 'None of the receivers exists or can see the application.',
    advice: 'Correct `toUser`, or widen who can see the application; then replay.',
  },
  robot_invalid: {
    status: 'rejected',
    meaning: 'The key belongs to no robot, or the robot was removed from its group.',
    advice: 'Put the key of the webhook URL into `robotKey`, then replay.',
  },
  message_too_long: {
    status: 'rejected',
    meaning: 'The message exceeds the bytes that WeCom takes.',
    advice: 'Shorten the labels and links; report it to this project if they are short.',
  },
  request_invalid: {
    status: 'rejected',
    meaning: 'WeCom did not accept the form of the request.',
    advice: 'Check that `endpoint` is the API of WeCom; report it to this project with the detail.',
  },
};
