import { isTimeZone } from '../../../../functions/core/chat/time.ts';
import type { Mapping } from '../documents.ts';
import type { Environment } from '../environment.ts';
import { CHAT_FILTER, kubeEventerFilter } from './filter.ts';
import type { SinkSource } from './sink.ts';

/** kube-eventer's image sets it, whatever the cluster's zone is. */
const IMAGE_TIME_ZONE = 'Asia/Shanghai';

/** What dingtalk and wechat have in common: filter, labels, and the zone of the times in messages. */
export function chatDocument({ options, environment, place, report }: SinkSource): Mapping {
  const filter = kubeEventerFilter(options, CHAT_FILTER, place, report);
  const written = environment('TZ');
  const timeZone = zoneOf(environment);
  if (written !== undefined && written !== timeZone)
    report.add('not carried', 'TZ', `${written} is no IANA time zone: times are in ${timeZone}`);
  // kube-eventer writes the last label first.
  const labels = options
    .all('label')
    .filter((label) => label !== '')
    .toReversed();
  report.add(
    'changed',
    place,
    'kube-eventer sends every repetition of an event; here the 1st, 10th, 100th, ... (set repeats to all for the old way)',
  );
  return {
    timeZone,
    ...(labels.length > 0 && { labels }),
    ...filter,
  };
}

/** The zone in which the process writes times. */
export function zoneOf(environment: Environment): string {
  const zone = environment('TZ');
  return zone !== undefined && isTimeZone(zone) ? zone : IMAGE_TIME_ZONE;
}
