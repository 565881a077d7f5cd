import type { ClusterEvent } from '../contract/event.ts';

/** Which logs of a container help: those of the run that ended, those of the run that goes on, or none. */
export type Logs = 'previous' | 'current';

/** Twice what the longest names of Kubernetes need. A command is to be copied, so a longer one is left out, not cut. */
const MAX_COMMAND = 1000;
/** Controls, format characters, halves of surrogate pairs, line separators: what cannot be seen or sent cannot be copied. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** What to run first: describes the object and, where it helps, shows its container's last lines. Safe to paste into a POSIX shell. */
export function kubectlCommands(event: ClusterEvent, logs: Logs | undefined): readonly string[] {
  return commandsFor(event, logs).filter((command) => command.length <= MAX_COMMAND && !UNPRINTABLE.test(command));
}

function commandsFor(event: ClusterEvent, logs: Logs | undefined): readonly string[] {
  const { object } = event;
  if (!isNameable(object.kind) || !isNameable(object.name)) return [];
  const namespace = object.namespace === '' ? [] : ['-n', object.namespace];
  if (!namespace.every(isNameable)) return [];
  const target = `${resource(object.apiVersion, object.kind)}/${object.name}`;
  const describe = ['kubectl', ...namespace, 'describe', target];
  if (logs === undefined || object.kind !== 'Pod') return [shellLine(describe)];
  const container = containerName(event);
  const show = [
    'kubectl',
    ...namespace,
    'logs',
    target,
    ...(container === '' ? ['--all-containers'] : ['-c', container]),
  ];
  return [shellLine(describe), shellLine([...show, ...(logs === 'previous' ? ['--previous'] : []), '--tail=50'])];
}

/** What lists all of these events, and others beside them, as long as the cluster keeps them. */
export function listCommand(events: readonly ClusterEvent[]): string {
  const [namespace = '', ...others] = new Set(events.map(({ eventNamespace }) => eventNamespace));
  const isOne = others.length === 0 && isNameable(namespace);
  const isWarnings = events.every(({ type }) => type === 'Warning');
  return shellLine([
    'kubectl',
    'events',
    ...(isOne ? ['-n', namespace] : ['--all-namespaces']),
    ...(isWarnings ? ['--types=Warning'] : []),
  ]);
}

/** The container an event is about: `api` of `spec.containers{api}`; `""` if it is about none. */
export function containerName(event: ClusterEvent): string {
  return (
    /^spec\.(?:initContainers|containers|ephemeralContainers)\{([^{}]+)\}$/.exec(event.object.fieldPath)?.[1] ?? ''
  );
}

/** Kinds of other API groups need their group, or kubectl takes a built-in kind of the same name. */
function resource(apiVersion: string, kind: string): string {
  const [group = '', version] = apiVersion.split('/');
  const isBuiltIn = version === undefined || !group.includes('.') || group.endsWith('.k8s.io');
  return isBuiltIn ? kind.toLowerCase() : `${kind.toLowerCase()}.${version}.${group}`;
}

function isNameable(name: string): boolean {
  return name !== '' && !name.includes('/') && !UNPRINTABLE.test(name);
}

function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** A word as one argument of a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
