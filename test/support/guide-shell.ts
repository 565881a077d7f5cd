import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { projectFolder } from '../../infra/discover.ts';
import { fences, opsWords, parseCommands, shellLines, type Guide } from './guides.ts';

/** What a guide's commands need of the project; what they write stays in the copy. */
const LINKED = ['package.json', 'node_modules', 'cdk.json', 'infra', 'functions', 'relay'] as const;

/** Commands that need neither AWS nor a cluster. */
const LOCAL_OPS =
  /^(route|preview|validate|explain|silence (add|ls|rm)|import (kube-eventer|kubernetes-event-exporter)) /;

/** The real kubectl, if there is one. */
export const kubectl = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'kubectl'))
  .find((file) => existsSync(file));

/** The lines of a guide that can be run here: local commands, and what `kubectl get` prints is played by a script. */
export function runnable(guide: Guide): readonly string[] {
  return shellLines(guide).filter((line) =>
    parseCommands(line).every((words) => {
      const [program, ...rest] = words;
      const own = opsWords(words)?.join(' ');
      if (own !== undefined) return LOCAL_OPS.test(own) && (!/^(route|silence)/.test(own) || own.includes('--folder'));
      if (program === 'kubectl' && rest[0] === 'kustomize') return kubectl !== undefined;
      if (program === 'kubectl') return /\bget\b.*\b(json|yaml)\b/.test(rest.join(' '));
      return program === 'npx' && rest[0] === 'cdk' && rest[1] === 'synth';
    }),
  );
}

/**
 * A temporary folder in which a guide's commands find the project, and the files that the guide shows: blocks tagged
 * `file <name>`, and blocks tagged `kubectl`, which `kubectl get` prints.
 */
export async function projectCopy(guide: Guide): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'guide-'));
  for (const name of LINKED) await symlink(join(projectFolder, name), join(path, name));
  const blocks = fences(guide);
  const write = async (name: string, content: string): Promise<void> => {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), `${content}\n`);
  };
  for (const { tags, text: content } of blocks) if (tags[0] === 'file') await write(tags[1] ?? '', content);
  const objects = blocks.filter(({ tags }) => tags[0] === 'kubectl').map((block) => block.text);
  await write('bin/objects.yaml', objects.join('\n---\n'));
  await write('bin/events.json', JSON.stringify(EVENTS));
  await write('bin/events-and-more.json', JSON.stringify({ ...EVENTS, items: [...EVENTS.items, ...LABELLED] }));
  await write('bin/kubectl', KUBECTL);
  await chmod(join(path, 'bin', 'kubectl'), 0o755);
  for (const line of runnable(guide)) {
    for (const [, folder = ''] of line.matchAll(/--folder (\S+)/g)) {
      // A folder that no command of the guide makes holds the destinations that it shows.
      if (existsSync(join(path, folder)) || runnable(guide).some((other) => other.includes(`--out ${folder}`)))
        continue;
      for (const { lang, tags, text: content } of blocks) {
        const [kind, id] = tags;
        if (kind === 'destination') await write(`${folder}/destinations/${id}.${lang}`, content);
        if (kind === 'secrets') await write(`${folder}/secrets/${id}.json`, content);
      }
    }
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A line of shell as it was run, with everything that it printed to the terminal. */
export interface ShellRun {
  readonly line: string;
  readonly code: number | null;
  readonly output: string;
}

/** Runs a line as a person would, in a folder. */
export async function runShell(line: string, folder: string, env: NodeJS.ProcessEnv = process.env): Promise<ShellRun> {
  const child = spawn('bash', ['-o', 'pipefail', '-c', line], {
    cwd: folder,
    env: { ...env, PATH: `${join(folder, 'bin')}:${env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [code, out, err] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  return { line, code, output: `${out}${err}` };
}

const KUBECTL = `#!/bin/sh
here=$(dirname "$0")
case " $* " in
*" kustomize "*) exec "${kubectl ?? 'false'}" "$@" ;;
*" events,"*) cat "$here/events-and-more.json" ;;
*" events "*) cat "$here/events.json" ;;
*) cat "$here/objects.yaml" ;;
esac`;

const EVENTS = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'web-1.a', namespace: 'shop', uid: '6b0b3c4e-0001', resourceVersion: '41' },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-1', uid: '6b0b3c4e-1001' },
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off restarting failed container web in pod web-1',
      source: { component: 'kubelet', host: 'node-a' },
      count: 1,
      firstTimestamp: '2026-11-23T08:00:00Z',
      lastTimestamp: '2026-11-23T08:00:00Z',
    },
  ],
};

/** The object of that event and its namespace. */
const LABELLED = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'payments' } } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'web', team: 'payments' } },
  },
];
