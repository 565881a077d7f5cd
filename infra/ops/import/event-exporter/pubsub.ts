import { FILL_IN_LABEL } from '../report.ts';
import { isOn, textIn } from './options.ts';
import type { ReceiverMapping } from './receiver.ts';

/** A topic of Google Cloud. The exporter logs in as the process does there; a function needs a key. */
export const pubsub: ReceiverMapping = {
  options: { gcloud_project_id: true, topic: true, create_topic: true },
  map(source) {
    const { place, report } = source;
    if (isOn(source, 'create_topic'))
      report.add('not carried', `${place}.create_topic`, 'a topic that is not there is not created');
    report.add('changed', place, 'messages have the fields of the sink: see its README');
    report.add(
      'fill in',
      place,
      'put the key file of a service account that may publish to the topic into serviceAccount under secrets/',
    );
    return {
      type: 'pubsub',
      document: {
        project: textIn(source, 'gcloud_project_id') || FILL_IN_LABEL,
        topic: textIn(source, 'topic') || FILL_IN_LABEL,
      },
      secrets: {},
    };
  },
};
