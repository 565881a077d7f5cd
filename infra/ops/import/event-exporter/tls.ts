import { isMapping } from '../documents.ts';
import type { Block } from './receiver.ts';

const FILES: Readonly<Record<string, string>> = {
  caFile: 'put its PEM text into tls.ca',
  certFile: 'put its PEM text into the secret clientCertificate',
  keyFile: 'put its PEM text into the secret clientKey',
};

/** The option `tls` of a receiver's `tls`, which names files where ours hold their text. */
export function tls(
  { block, place, report }: Block,
  known: readonly string[],
): { readonly tls?: { readonly insecure: true } } {
  const settings = isMapping(block['tls']) ? block['tls'] : {};
  for (const [name, value] of Object.entries(settings)) {
    if (value === '' || value === false) continue;
    if (!known.includes(name)) report.add('not carried', `${place}.tls.${name}`, 'has no counterpart');
    else if (FILES[name] !== undefined) report.add('fill in', `${place}.tls.${name}`, `names a file: ${FILES[name]}`);
  }
  return settings['insecureSkipVerify'] === true ? { tls: { insecure: true } } : {};
}
