import { oneOrList } from '../patterns.ts';
import { FILL_IN } from '../report.ts';
import { isOn, textIn, textsOf } from './options.ts';
import type { Block, MappedReceiver, OptionNames, ReceiverMapping } from './receiver.ts';
import { tls } from './tls.ts';

const OPTIONS: OptionNames = {
  hosts: true,
  username: true,
  password: true,
  useEventID: true,
  deDot: true,
  index: true,
  indexFormat: true,
  type: true,
  tls: { insecureSkipVerify: true, caFile: true },
  layout: true,
};

export const opensearch: ReceiverMapping = { options: OPTIONS, map };

export const elasticsearch: ReceiverMapping = {
  options: { ...OPTIONS, cloudID: true, apiKey: true, headers: 'mapping' },
  map,
};

const WHOLE_EVENT = 'documents have the fields of the sink: see its README';

function map(source: Block): MappedReceiver {
  const { block, place, report } = source;
  const hosts = textsOf(source, 'hosts');
  const cloudId = textIn(source, 'cloudID');
  if (block['layout']) report.add('not carried', `${place}.layout`, WHOLE_EVENT);
  else report.add('changed', place, WHOLE_EVENT);
  if (block['headers']) report.add('not carried', `${place}.headers`, 'the sink sends no headers of its own');
  if (block['deDot']) report.add('note', `${place}.deDot`, 'not needed: labels are stored so that dots do no harm');
  if (block['type']) report.add('note', `${place}.type`, 'not needed: documents have no type any more');
  const username = textIn(source, 'username');
  const password = textIn(source, 'password');
  const apiKey = textIn(source, 'apiKey');
  if (cloudId && hosts.length > 0) report.add('not carried', `${place}.hosts`, 'is left out beside cloudID');
  if (apiKey && password) report.add('not carried', `${place}.password`, 'is left out beside apiKey, as there');
  return {
    type: 'elasticsearch',
    document: {
      ...(cloudId ? { cloudId } : { endpoint: oneOrList(hosts.length > 0 ? hosts : [`https://${FILL_IN}:9200`]) }),
      ...indices(source),
      ...(username && { username }),
      ...tls(source),
    },
    secrets: { ...(apiKey ? { apiKey } : password && { password }) },
  };
}

/** `mode` and `index`. The exporter's `indexFormat` holds one layout of a date, in braces; here a day follows the name. */
function indices(source: Block): { readonly mode: 'latest' | 'daily'; readonly index: string } {
  const { place, report } = source;
  const format = textIn(source, 'indexFormat') ?? '';
  const isById = isOn(source, 'useEventID');
  const [, base, date] = /^(.*?)-?\{(.*)\}$/.exec(format) ?? [];
  if (format !== '' && date !== '2006-01-02' && date !== '2006.01.02') {
    report.add('not carried', `${place}.indexFormat`, `indices are named <index>-YYYY.MM.DD here, not ${format}`);
  } else if (date === '2006-01-02') {
    report.add('changed', `${place}.indexFormat`, 'the day is written YYYY.MM.DD here');
  }
  if (isById && format !== '') {
    report.add(
      'changed',
      `${place}.useEventID`,
      'each version of an event is a document of its own in an index with a date; mode latest keeps one document per event, in one index: set it if that is what you want',
    );
  }
  return {
    mode: isById && format === '' ? 'latest' : 'daily',
    index: base ?? textIn(source, 'index') ?? 'kube-events',
  };
}
