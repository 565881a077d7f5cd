import { isOn, nested } from './options.ts';
import type { Block } from './receiver.ts';

const FILES: Readonly<Record<string, string>> = {
  caFile: 'put its PEM text into tls.ca',
  certFile: 'put its PEM text into the secret clientCertificate',
  keyFile: 'put its PEM text into the secret clientKey',
};

/** The option `tls` of a receiver's `tls`, which names files where ours hold their text. */
export function tls(source: Block): { readonly tls?: { readonly insecure: true } } {
  const settings = nested(source, 'tls');
  for (const [name, advice] of Object.entries(FILES)) {
    if (settings.block[name]) source.report.add('fill in', `${settings.place}.${name}`, `names a file: ${advice}`);
  }
  return isOn(settings, 'insecureSkipVerify') ? { tls: { insecure: true } } : {};
}
