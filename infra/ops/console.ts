import { once } from 'node:events';
import { readStack, STACK_OPTIONS } from './aws/stack.ts';
import { defineCommand, usageError } from './command.ts';

export const command = defineCommand({
  usage: '[--port N] [--read-only]',
  about:
    'Serves a page on 127.0.0.1 that shows the deployed stack, until Ctrl-C: live events, queues and functions, dead letters to replay, destinations to edit and test, silences. Its address has a token, without which it answers nothing. It does what your own credentials may do; --read-only changes nothing. Events are shown as a log destination writes them.',
  examples: ['npm run -s ops -- console', 'npm run -s ops -- console --read-only'],
  options: {
    ...STACK_OPTIONS,
    port: { value: 'N', number: 'whole', about: 'The port on 127.0.0.1; by default any that is free.' },
    'read-only': { about: 'Show everything, change nothing.' },
  },
  async run(args, io) {
    const port = args.number('port') ?? 0;
    if (port > 65_535) throw usageError(`--port is ${port}, expected at most 65535`);
    const deployed = await readStack(args);
    const { signal } = io;
    const running = await io.openConsole(deployed, { port, readOnly: args.flag('read-only') });
    io.out(args.json ? JSON.stringify({ address: running.address }) : running.address);
    io.err('open this address in a browser on this machine; Ctrl-C ends the console');
    if (!signal.aborted) await once(signal, 'abort');
    await running.stop();
    return 0;
  },
});
