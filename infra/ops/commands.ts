import type { Command } from './command.ts';

/** A command as the overview shows it; its module is loaded only when it runs. */
export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** All commands, in the order of the overview. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  route: { summary: 'which destinations get which events, and why not', load: () => import('./route.ts') },
  preview: { summary: 'what a destination would be sent', load: () => import('./preview.ts') },
  'import kube-eventer': {
    summary: "turns kube-eventer's Deployment into a folder of destinations",
    load: () => import('./import/kube-eventer/command.ts'),
  },
  'import kubernetes-event-exporter': {
    summary: "turns kubernetes-event-exporter's routes and receivers into a folder of destinations",
    load: () => import('./import/event-exporter/command.ts'),
  },
  validate: { summary: 'mistakes in a folder of destinations', load: () => import('./validate.ts') },
};
