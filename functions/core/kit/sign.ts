import { sha256, signedHeaders } from '../aws/signature.ts';
import type { HttpRequest } from '../contract/http.ts';
import type { SinkContext } from '../contract/sink.ts';

/** A request with AWS Signature Version 4 of the function's own credentials, which covers its content type and body. */
export async function signed(
  request: HttpRequest,
  { service, region }: { readonly service: string; readonly region: string },
  ctx: Pick<SinkContext<unknown, unknown>, 'aws' | 'now'>,
): Promise<HttpRequest> {
  const url = new URL(request.url);
  const body = request.body ?? '';
  const headers = signedHeaders(
    {
      method: request.method,
      url,
      headers: {
        host: url.host,
        'content-type': request.headers?.['content-type'] ?? '',
        'x-amz-content-sha256': sha256(body),
      },
      body,
    },
    { service, region, key: await ctx.aws.credentials(), date: ctx.now() },
  );
  return { ...request, headers: { ...request.headers, ...headers } };
}
