import { SignatureV4 } from '@smithy/signature-v4';
import { NodeSha256 } from '../aws/sha256.ts';
import type { HttpRequest } from '../contract/http.ts';
import type { SinkContext } from '../contract/sink.ts';

/** A request with AWS Signature Version 4 of the function's own credentials, which covers its content type and body. */
export async function signed(
  request: HttpRequest,
  { service, region }: { readonly service: string; readonly region: string },
  ctx: Pick<SinkContext<unknown, unknown>, 'aws' | 'now'>,
): Promise<HttpRequest> {
  const url = new URL(request.url);
  const signer = new SignatureV4({
    service,
    region,
    credentials: await ctx.aws.credentials(),
    sha256: NodeSha256,
  });
  const { headers } = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, 'content-type': request.headers?.['content-type'] ?? '' },
      body: request.body,
    },
    { signingDate: ctx.now() },
  );
  return { ...request, headers: { ...request.headers, ...headers } };
}
