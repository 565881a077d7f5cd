import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { widthOf } from '../../infra/terminal/width.ts';
import { CTRL_C, requirePty, runOnTerminal, type OnTerminal } from '../support/terminal.ts';
import { startApiServer, type ScriptedApiServer } from '../support/api-server.ts';
import { writeKubeconfig } from '../support/relay-process.ts';
import { createDestinationsFolder, type DestinationsFolder } from '../support/embedded.ts';

const START = join(import.meta.dirname, '../../localstack/start.ts');

describe.runIf(requirePty())('npm start on a terminal', () => {
  let program: OnTerminal | undefined;
  let api: ScriptedApiServer | undefined;
  let folder: DestinationsFolder | undefined;

  afterEach(async () => {
    await program?.kill();
    await api?.close();
    await folder?.remove();
    program = api = folder = undefined;
  });

  test('shows aligned events in colours, a chat message as a card, and at the end what to try next', async () => {
    const running = runOnTerminal([START], { columns: 100 });
    program = running;

    await expect
      .poll(() => running.lines().join('\n'))
      .toMatch(/╭─ dingtalk\/sample ─+╮\n│ 🟠 \[sample\] BackOff · Pod/);
    running.type(CTRL_C);

    expect(await running.exited).toBe(0);
    const lines = running.lines();
    expect(
      lines.filter((line) => /^\d\d:\d\d:\d\d (info |warning) {2,4}\w+ +(Pod|Deployment) /.test(line)).length,
    ).toBeGreaterThan(5);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(100);
    expect(running.shown()).toContain('\u001B[33mwarning  BackOff');
    expect(lines.join('\n')).toContain('it adds up');
    expect(lines.filter(Boolean).slice(-2).join(' ')).toContain('kube-courier: next: npm start -- --context NAME');
  });

  test('has no colours with NO_COLOR', async () => {
    const running = runOnTerminal([START], { env: { NO_COLOR: '1' } });
    program = running;

    await expect.poll(() => running.shown()).toContain('warning  BackOff');

    expect(running.shown()).not.toContain('\u001B[');
  });

  test('says of a cluster where nothing happens that it watches it', async () => {
    api = await startApiServer();
    folder = await createDestinationsFolder();
    const kubeconfig = await writeKubeconfig(folder.path, api.url);
    const running = runOnTerminal([START, '--kubeconfig', kubeconfig], { columns: 200 });
    program = running;

    await expect.poll(() => running.shown()).toMatch(/watching .*: no event yet; nothing new for \d+s/);
    running.type(CTRL_C);

    expect(await running.exited).toBe(0);
  });
});
