import { eventbridge, sls } from './alibaba.ts';
import { dingtalk } from './dingtalk.ts';
import { elasticsearch } from './elasticsearch.ts';
import { honeycomb } from './honeycomb.ts';
import { influxdb } from './influxdb.ts';
import { kafka } from './kafka.ts';
import { log } from './log.ts';
import { mongo } from './mongo.ts';
import { mysql } from './mysql.ts';
import type { SinkMapping } from './sink.ts';
import { webhook } from './webhook.ts';
import { wechat } from './wechat.ts';

/** kube-eventer's sinks by the key that stands before the first colon of `--sink`. */
export function mappings(isMysqlLegacy: boolean): Readonly<Record<string, SinkMapping>> {
  return {
    dingtalk,
    elasticsearch,
    eventbridge,
    honeycomb,
    influxdb,
    kafka,
    log,
    mongo,
    mysql: mysql(isMysqlLegacy),
    sls,
    webhook,
    wechat,
  };
}
