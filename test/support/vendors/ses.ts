import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type ReceivedRequest } from '../http-server.ts';

/** An account of Amazon SES in a region. */
export interface SesAccount {
  readonly region: string;
  /** Addresses and domains that may send; in the sandbox they alone receive. */
  readonly verified: readonly string[];
  readonly sandbox?: boolean;
  readonly configurationSets?: readonly string[];
  readonly now?: () => number;
}

export interface SesMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: ReadonlyMap<string, string>;
}

export interface SesFake {
  readonly url: string;
  readonly mails: readonly SesMail[];
  readonly requests: () => number;
  /** Refuses every mail with this until called with undefined. */
  readonly refuse: (refusal: Refusal | undefined) => void;
  readonly stop: () => Promise<void>;
}

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

const MAX_RECEIVERS = 50;
/** What a new account has. It may be exceeded "for short bursts, but not for sustained periods": here by as much again. */
const PER_SECOND = 1;
const BURST = 2;

/**
 * A strict stand-in for Amazon SES API v2, SendEmail: signature, addresses, headers, sending rate and quota, in the vendor's words.
 * It keeps what it has taken. Source: Amazon SES API v2 reference and developer guide (quotas, header fields).
 */
export async function startSes(account: SesAccount): Promise<SesFake> {
  const mails: SesMail[] = [];
  const now = account.now ?? Date.now;
  let allowance = BURST;
  let allowedAt = now();
  let requests = 0;
  let refusal: Refusal | undefined;

  const isVerified = (address: string): boolean =>
    account.verified.includes(address) || account.verified.includes(address.split('@')[1] ?? '');

  function take(request: ReceivedRequest): Refusal | undefined {
    requests += 1;
    if (`${request.method} ${request.path}` !== 'POST /v2/email/outbound-emails')
      return refused('UnknownOperationException', 'unknown operation', 404);
    const scope = `/${account.region}/ses/aws4_request`;
    const authorization = request.headers['authorization'] ?? '';
    if (!authorization.startsWith('AWS4-HMAC-SHA256 Credential=') || !authorization.includes(scope))
      return refused('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
    if (!/SignedHeaders=[^,]*content-type;host;/.test(authorization))
      return refused('SignatureDoesNotMatch', 'host and content-type must be signed', 403);
    if (refusal) return refusal;
    const body: unknown = JSON.parse(request.body);
    const simple = recordOf(recordOf(recordOf(body)['Content'])['Simple']);
    const from = textOf(recordOf(body)['FromEmailAddress']);
    const to = listOf(recordOf(recordOf(body)['Destination'])['ToAddresses']).map(textOf);
    const set = recordOf(body)['ConfigurationSetName'];
    const mail: SesMail = {
      from,
      to,
      subject: dataOf(simple['Subject']),
      text: dataOf(recordOf(simple['Body'])['Text']),
      html: dataOf(recordOf(simple['Body'])['Html']),
      headers: new Map(
        listOf(simple['Headers']).map((header) => [
          textOf(recordOf(header)['Name']),
          textOf(recordOf(header)['Value']),
        ]),
      ),
    };
    if (to.length === 0 || to.length > MAX_RECEIVERS)
      return refused('MessageRejected', `Recipient count exceeds ${MAX_RECEIVERS}.`);
    if (!isVerified(from) || (account.sandbox === true && !to.every(isVerified)))
      return refused(
        'MessageRejected',
        `Email address is not verified. The following identities failed the check in region ${account.region.toUpperCase()}: ${from}`,
      );
    if (set !== undefined && !account.configurationSets?.includes(textOf(set)))
      return refused('NotFoundException', `Configuration set <${textOf(set)}> does not exist.`, 404);
    const wrong = wrongIn(mail);
    if (wrong !== undefined) return refused('BadRequestException', wrong);
    allowance = Math.min(BURST, allowance + ((now() - allowedAt) / 1000) * PER_SECOND);
    allowedAt = now();
    if (allowance < 1) return refused('ThrottlingException', 'Maximum sending rate exceeded.');
    allowance -= 1;
    mails.push(mail);
    return undefined;
  }

  const server = await startHttpServer((request) => {
    const found = take(request);
    if (!found) return { body: JSON.stringify({ MessageId: `0102018b-${mails.length}` }) };
    const { status, type, message } = found;
    return { status, headers: { 'x-amzn-errortype': type }, body: JSON.stringify({ message }) };
  });
  return {
    url: server.url,
    mails,
    requests: () => requests,
    refuse(next) {
      refusal = next;
    },
    stop: () => server.stop(),
  };
}

function refused(type: string, message: string, status = 400): Refusal {
  return { status, type, message };
}

function dataOf(content: unknown): string {
  return isRecord(content) && content['Charset'] === 'UTF-8' ? textOf(content['Data']) : '';
}

/** What is wrong with a mail: a header that could begin another, one that is too long, or nothing to read. */
function wrongIn({ subject, text, html, headers }: SesMail): string | undefined {
  if (/[\p{Cc}]/u.test(subject) || subject === '') return 'Subject contains control characters or is empty';
  if (text === '' || html === '') return 'Body is empty';
  if (![subject, text, html].every((part) => part.isWellFormed())) return 'Body is not UTF-8';
  for (const [name, value] of headers) {
    if (!/^[\x21-\x39\x3b-\x7e]{1,126}$/.test(name)) return `Invalid header name ${name}`;
    if (!/^[\x20-\x7e]{1,870}$/.test(value)) return `Invalid header value of ${name}`;
  }
  return undefined;
}
