import { presignedUrl } from '../aws/signature.ts';
import type { SinkContext } from '../contract/sink.ts';

/** A GET request to sign; `host` with its port where that is not 443. */
export interface PresignRequest {
  readonly service: string;
  readonly host: string;
  readonly region: string;
  readonly query: Readonly<Record<string, string>>;
}

/** How long a presigned URL is good for; both MSK and RDS look at it only when a connection is made. */
const EXPIRES_SECONDS = 900;

/** A URL signed with AWS Signature Version 4 in its query, which MSK and RDS take as a password. Secret for 15 minutes, and concealed. */
export async function presign(
  request: PresignRequest,
  { aws, now, conceal }: Pick<SinkContext<unknown, unknown>, 'aws' | 'now' | 'conceal'>,
): Promise<URL> {
  const { service, host, region, query } = request;
  const unsigned = new URL(`https://${host}/`);
  for (const [name, value] of Object.entries(query)) unsigned.searchParams.set(name, value);
  const url = presignedUrl(unsigned, { service, region, key: await aws.credentials(), date: now() }, EXPIRES_SECONDS);
  conceal(url.href);
  return url;
}

/** The password of Amazon RDS' IAM authentication: a presigned `connect`, without its scheme. Good for new connections for 15 minutes. */
export async function rdsToken(
  { host, port, username, region }: RdsLogin,
  ctx: Pick<SinkContext<unknown, unknown>, 'aws' | 'now' | 'conceal'>,
): Promise<string> {
  const url = await presign(
    {
      service: 'rds-db',
      host: `${host}:${port}`,
      region: region ?? (await ctx.aws.region()),
      query: { Action: 'connect', DBUser: username },
    },
    ctx,
  );
  return url.href.replace('https://', '');
}

interface RdsLogin {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** By default the function's own. */
  readonly region?: string | undefined;
}
