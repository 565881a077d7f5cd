import { dingtalk } from './dingtalk.ts';
import { elasticsearch } from './elasticsearch.ts';
import { kafka } from './kafka.ts';
import { log } from './log.ts';
import type { SinkMapping } from './sink.ts';
import { webhook } from './webhook.ts';

/** kube-eventer's sinks by the key that stands before the first colon of `--sink`. */
export const mappings: Readonly<Record<string, SinkMapping>> = {
  dingtalk,
  elasticsearch,
  kafka,
  log,
  webhook,
};
