import type { CommandEntry } from './command.ts';

/** All commands, in the order of the overview. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  route: { summary: 'which destinations get which events, and why not', load: () => import('./route.ts') },
  preview: { summary: 'what a destination would be sent', load: () => import('./preview.ts') },
  explain: {
    summary: "a sink's options and secrets, and its smallest document",
    load: () => import('./explain/explain.ts'),
  },
  'destinations ls': {
    summary: 'deployed destinations and whether they are in force',
    load: () => import('./destinations/ls.ts'),
  },
  'destinations get': {
    summary: "a destination's document and the names of its secrets",
    load: () => import('./destinations/get.ts'),
  },
  'destinations set': {
    summary: 'creates or replaces destinations, from a file or a folder',
    load: () => import('./destinations/set.ts'),
  },
  'destinations diff': {
    summary: 'what setting a file or a folder would change',
    load: () => import('./destinations/diff.ts'),
  },
  'destinations pull': {
    summary: 'writes the deployed destinations into a folder, without their secrets',
    load: () => import('./destinations/pull.ts'),
  },
  'destinations edit': {
    summary: 'opens a destination in your editor',
    load: () => import('./destinations/edit.ts'),
  },
  'destinations rm': { summary: 'removes a destination', load: () => import('./destinations/rm.ts') },
  'destinations validate': {
    summary: 'mistakes in the deployed destinations',
    load: () => import('./destinations/validate.ts'),
  },
  'destinations test': {
    summary: 'delivers a test event through the deployed function',
    load: () => import('./destinations/test.ts'),
  },
  'destinations rehearse': {
    summary: 'what an edit would have changed, over the events of an archive',
    load: () => import('./destinations/rehearse.ts'),
  },
  'destinations history': {
    summary: "a destination's versions: when, by whom, and what each changed",
    load: () => import('./destinations/history.ts'),
  },
  'destinations rollback': {
    summary: 'puts an earlier version of a destination in force',
    load: () => import('./destinations/rollback.ts'),
  },
  'silence add': { summary: 'holds events back from chats for a while', load: () => import('./silence/add.ts') },
  'silence ls': { summary: 'silences, their ends, and what they hold', load: () => import('./silence/ls.ts') },
  'silence rm': { summary: 'removes a silence', load: () => import('./silence/rm.ts') },
  'dlq ls': { summary: 'dead letters by code and destination, and their ages', load: () => import('./dlq/ls.ts') },
  'dlq peek': { summary: 'a few dead letters with their reasons', load: () => import('./dlq/peek.ts') },
  'dlq replay': { summary: 'sends dead letters back to their queue', load: () => import('./dlq/replay.ts') },
  'dlq drop': { summary: 'deletes dead letters for good', load: () => import('./dlq/drop.ts') },
  'dlq export': { summary: 'writes dead letters to standard output', load: () => import('./dlq/export.ts') },
  'archive ls': { summary: 'what an archive holds, by cluster and day', load: () => import('./archive/ls.ts') },
  'archive search': { summary: 'finds events in an archive', load: () => import('./archive/search.ts') },
  'archive replay': {
    summary: 'sends the past to a destination',
    load: () => import('./archive/replay.ts'),
  },
  status: {
    summary: 'queues, ages, dead letters, heartbeats, errors: one screen',
    load: () => import('./status/status.ts'),
  },
  tail: {
    summary: 'events, deliveries and failures of a deployed stack, as they happen',
    load: () => import('./tail/tail.ts'),
  },
  console: {
    summary: 'a page in the browser that shows the stack, and changes it',
    load: () => import('./console.ts'),
  },
  doctor: {
    summary: 'what only a real account shows: permissions, quotas, alarms, parameters, clocks, a test event',
    load: () => import('./doctor/doctor.ts'),
  },
  pause: {
    summary: 'stops the deliveries of a sink; its events wait',
    load: async () => (await import('./pause.ts')).pause,
  },
  resume: {
    summary: 'lets them go on',
    load: async () => (await import('./pause.ts')).resume,
  },
  adopt: {
    summary: 'moves what waits in queues of an earlier deployment into the present ones',
    load: () => import('./adopt.ts'),
  },
  'relay manifest': { summary: "prints the relay's manifest for a cluster", load: () => import('./relay/manifest.ts') },
  'relay chart': { summary: "writes the relay's Helm chart into a folder", load: () => import('./relay/chart.ts') },
  'import kube-eventer': {
    summary: "turns kube-eventer's Deployment into a folder of destinations",
    load: () => import('./import/kube-eventer/command.ts'),
  },
  'import kubernetes-event-exporter': {
    summary: "turns kubernetes-event-exporter's routes and receivers into a folder of destinations",
    load: () => import('./import/event-exporter/command.ts'),
  },
  validate: { summary: 'mistakes in a folder of destinations and silences', load: () => import('./validate.ts') },
  completion: {
    summary: 'prints a script that lets your shell complete commands and options',
    load: async () => ({ command: (await import('./completion/completion.ts')).completionCommand(commands) }),
  },
};
