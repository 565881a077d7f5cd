import { isTimeZone } from '../../../../functions/core/chat/time.ts';
import type { Mapping } from '../documents.ts';
import { chatLevel, kubeEventerFilter } from './filter.ts';
import type { SinkSource } from './sink.ts';

/** kube-eventer's image sets it, whatever the cluster's zone is. */
const IMAGE_TIME_ZONE = 'Asia/Shanghai';

/** What dingtalk and wechat have in common: filter, labels, and the zone of the times in messages. */
export function chatDocument({ options, environment, place, report }: SinkSource): Mapping {
  const filter = kubeEventerFilter(
    options,
    {
      namespaceField: 'eventNamespace',
      level: chatLevel(place, report),
      emptyListPasses: true,
      hasReason: false,
    },
    place,
    report,
  );
  const zone = environment('TZ') ?? IMAGE_TIME_ZONE;
  if (!isTimeZone(zone))
    report.add('not carried', 'TZ', `${zone} is no IANA time zone: times are in ${IMAGE_TIME_ZONE}`);
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
    timeZone: isTimeZone(zone) ? zone : IMAGE_TIME_ZONE,
    ...(labels.length > 0 && { labels }),
    ...filter,
  };
}
