import { isMapping, scalarText, type Mapping } from '../documents.ts';
import { FILL_IN } from '../report.ts';
import { nativeFor, replyFor } from '../robots.ts';
import { body } from './layout.ts';
import type { Block, MappedReceiver, ReceiverMapping } from './receiver.ts';
import { textIn } from './options.ts';
import { tls } from './tls.ts';

export const webhook: ReceiverMapping = {
  options: { endpoint: true, headers: 'mapping', layout: true, tls: { insecureSkipVerify: true, caFile: true } },
  map: (source) => nativeReceiver(source) ?? toWebhook(source, { ...body(source), ...tls(source) }),
};

/** Where no layout is given a robot's address becomes the sink that knows the robot: what the exporter sends there says nothing. */
function nativeReceiver(source: Block): MappedReceiver | undefined {
  const { block, place, report } = source;
  const hasLayout = block['layout'] !== undefined && block['layout'] !== null;
  return hasLayout ? undefined : nativeFor(textIn(source, 'endpoint') ?? '', place, report);
}

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
