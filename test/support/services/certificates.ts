import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from './run.ts';

export interface Certificates {
  /** PEM files, all of them in the folder that was asked for. */
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Makes a certificate authority of its own and a certificate for `localhost` and 127.0.0.1, both valid for a month. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string): string => join(folder, name);
  const openssl = (command: string): Promise<string> => run('openssl', command.split(' '), { cwd: folder });

  await openssl('req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=test-ca -keyout ca.key -out ca.pem');
  await openssl('req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr');
  await writeFile(file('names.txt'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  await openssl(
    'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names.txt -out server.pem',
  );
  return { caFile: file('ca.pem'), certificateFile: file('server.pem'), keyFile: file('server.key') };
}
