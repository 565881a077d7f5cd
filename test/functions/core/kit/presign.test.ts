import { describe, expect, it } from 'vitest';
import { presign } from '../../../../functions/core/kit/presign.ts';

async function signed(host: string): Promise<{ readonly url: URL; readonly concealed: readonly string[] }> {
  const concealed: string[] = [];
  const url = await presign(
    { service: 'rds-db', host, region: 'eu-central-1', query: { Action: 'connect', DBUser: 'courier' } },
    {
      aws: { region: async () => '', credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' }) },
      now: () => new Date('2026-11-23T08:00:00Z'),
      conceal: (text) => concealed.push(text),
    },
  );
  return { url, concealed };
}

describe('a presigned URL', () => {
  it('holds what was asked for, is good for 15 minutes, and is concealed', async () => {
    const { url, concealed } = await signed('db.example.com:5432');

    expect(url.host).toBe('db.example.com:5432');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'courier',
      'X-Amz-Credential': 'AKID/20261123/eu-central-1/rds-db/aws4_request',
      'X-Amz-Date': '20261123T080000Z',
      'X-Amz-Expires': '900',
      'X-Amz-SignedHeaders': 'host',
    });
    expect(concealed).toEqual([url.href]);
  });

  it('is signed for its host and its port', async () => {
    const hosts = ['db.example.com:5432', 'db.example.com:5433', 'db.example.com'];
    const signatures = await Promise.all(
      hosts.map(async (host) => (await signed(host)).url.searchParams.get('X-Amz-Signature')),
    );
    expect(new Set(signatures).size).toBe(3);
  });
});
