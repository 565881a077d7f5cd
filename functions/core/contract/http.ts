/** TLS beyond the system's trust store, all PEM. */
export interface HttpTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Accepts any certificate. */
  readonly insecure?: boolean | undefined;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly tls?: HttpTls;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most 1 MiB: longer replies fail. */
  readonly body: string;
  /** The same as it came, for services that answer in bytes. */
  readonly bytes?: Uint8Array;
}

/** Sends one request. Any status is a reply; redirects are not followed. @throws {HttpError} of `kit/http.ts` when there was no reply. */
export type Http = (request: HttpRequest) => Promise<HttpReply>;
