import { isMapping, scalarText, type Mapping } from '../documents.ts';
import { FILL_IN } from '../report.ts';
import { replyFor } from '../robots.ts';
import { body } from './layout.ts';
import type { Block, MappedReceiver, ReceiverMapping } from './receiver.ts';
import { textIn } from './options.ts';
import { tls } from './tls.ts';

export const webhook: ReceiverMapping = {
  options: { endpoint: true, headers: 'mapping', layout: true, tls: { insecureSkipVerify: true, caFile: true } },
  map: (source) => toWebhook(source, { ...body(source), ...tls(source) }),
};

/** Teams' incoming webhook: the exporter writes a text of three parts, whatever else a layout has. */
export const teams: ReceiverMapping = {
  options: { endpoint: true, headers: 'mapping', layout: true },
  map(source) {
    const { block, place, report } = source;
    const layout = isMapping(block['layout']) ? block['layout'] : undefined;
    const parts = layout ?? {
      message: '{{ .Message }}',
      reason: '{{ .Reason }}',
      metadata: '{{ .Namespace }}/{{ .Name }}',
    };
    const [message, reason, metadata] = ['message', 'reason', 'metadata'].map((name) => scalarText(parts[name]) ?? '');
    if (layout === undefined)
      report.add('changed', place, 'after Metadata the text has the namespace and name of the Event alone');
    const text = `Event: ${message} \nStatus: ${reason} \nMetadata: ${metadata}`;
    return toWebhook(source, body({ ...source, block: { layout: { summary: 'event', text } } }));
  },
};

const SECRET_HEADER = /auth|token|key|secret|cookie|signature/i;

function toWebhook(source: Block, document: Mapping): MappedReceiver {
  const { block, place, report } = source;
  const headers: Record<string, string> = {};
  const secretHeaders: Record<string, string> = {};
  for (const [name, value] of Object.entries(isMapping(block['headers']) ? block['headers'] : {})) {
    const text = scalarText(value) ?? '';
    if (text.includes('{{'))
      report.add('not carried', `${place}.headers.${name}`, 'a template in a header is not filled in here');
    else (SECRET_HEADER.test(name) ? secretHeaders : headers)[name] = text;
  }
  const url = textIn(source, 'endpoint') ?? `https://${FILL_IN}/`;
  return {
    type: 'webhook',
    document: { headers, ...document, ...replyFor(url, place, report) },
    secrets: { url, ...(Object.keys(secretHeaders).length > 0 && { secretHeaders }) },
  };
}
