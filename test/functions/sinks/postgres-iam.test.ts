import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { startIamPostgresServer } from '../../support/iam-postgres-server.ts';
import { openDestination } from '../../support/live-destination.ts';
import { presignedSignature } from '../../support/presigned-signature.ts';
import { makeCertificates } from '../../support/services/certificates.ts';

it('logs in to Amazon RDS with a signed token over TLS, a new one for each connection', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-courier-iam-'));
  const files = await makeCertificates(folder);
  const [ca, cert, key] = await Promise.all(
    [files.caFile, files.certificateFile, files.keyFile].map((file) => readFile(file, 'utf8')),
  );
  const server = await startIamPostgresServer({ cert, key }, () => 'no such role');
  const { port } = server;
  const options = {
    host: 'localhost',
    port,
    database: 'events',
    username: 'kube_courier',
    auth: 'rds-iam',
    tls: { ca },
  };
  const destination = await openDestination('postgres', { options });

  const outcomes = [await destination.deliver([sampleEvent()]), await destination.deliver([sampleEvent()])];
  await destination.close();
  server.stop();
  await rm(folder, { recursive: true });

  expect(outcomes.flat()).toMatchObject(Array.from({ length: 2 }, () => ({ code: 'authentication_failed' })));
  expect(server.passwords).toHaveLength(2);
  const url = new URL(`https://${server.passwords[0]}`);
  expect(url.host).toBe(`localhost:${port}`);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    Action: 'connect',
    DBUser: 'kube_courier',
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': presignedSignature(url, 'aws-secret-key-of-the-suite'),
  });
  expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^AKIDEXAMPLE\/\d{8}\/eu-central-1\/rds-db\/aws4_request$/);
});
