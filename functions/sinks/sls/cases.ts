import type { SinkCase } from '../../core/contract/case.ts';
import { sampleContext } from '../../core/contract/sample.ts';
import { delivered, type Outcome } from '../../core/contract/outcome.ts';

const options = { project: 'k8s-log-prod', region: 'cn-hangzhou', logstore: 'k8s-event' };
const secrets = { accessKeyId: 'LTAI5tExampleExample', accessKeySecret: 'a-secret-of-thirty-characters.' };
const url = 'https://k8s-log-prod.cn-hangzhou.log.aliyuncs.com/logstores/k8s-event/shards/lb';

function refusal(
  name: string,
  status: number,
  errorCode: string,
  errorMessage: string,
  outcome: Readonly<Pick<Exclude<Outcome, { status: 'delivered' }>, 'status' | 'code'>> & {
    scope?: 'event' | 'destination';
  },
): SinkCase {
  const detail = `HTTP ${status} ${errorCode}: ${errorMessage}`;
  const { scope } = outcome;
  return {
    name,
    options,
    secrets,
    events: [{}],
    exchanges: [{ request: { method: 'POST', url }, reply: { status, body: { errorCode, errorMessage } } }],
    outcomes: [
      outcome.status === 'retry'
        ? { status: 'retry', code: outcome.code, detail }
        : { status: 'rejected', scope: scope ?? 'destination', code: outcome.code, detail },
    ],
  };
}

export const cases: readonly SinkCase[] = [
  {
    name: 'puts one log',
    options: { ...options, topic: 'kubernetes', fields: { env: 'prod' } },
    secrets,
    events: [{}],
    context: sampleContext,
    exchanges: [
      {
        request: {
          method: 'POST',
          url,
          headers: {
            'content-type': 'application/x-protobuf',
            'x-log-apiversion': '0.6.0',
            'x-log-bodyrawsize': '757',
            'x-log-compresstype': 'deflate',
            'x-log-date': '20261123T080000Z',
          },
        },
        reply: { status: 200, headers: { 'x-log-requestid': '5E9AB1DF333245F1D800' } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'goes to the internal address with an STS token, in the layout of kube-eventer',
    options: { ...options, internal: true, format: 'kube-eventer' },
    secrets: { ...secrets, securityToken: 'CAISexample' },
    events: [{}],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: url.replace('.log.', '-intranet.log.'),
          headers: { 'x-acs-security-token': 'CAISexample' },
        },
        reply: { status: 200, headers: { 'x-log-requestid': '5E9AB1DF333245F1D801' } },
      },
    ],
    outcomes: [delivered],
  },
  refusal(
    'retries when a quota is used up, which SLS calls forbidden',
    403,
    'ShardWriteQuotaExceed',
    'shard write quota exceed',
    {
      status: 'retry',
      code: 'quota_exceeded',
    },
  ),
  refusal('says that the secret is wrong', 401, 'SignatureNotMatch', 'signature abc not matched', {
    status: 'rejected',
    code: 'wrong_credentials',
  }),
  refusal('says that the STS token has expired', 401, 'Unauthorized', 'The security token you provided has expired.', {
    status: 'rejected',
    code: 'token_expired',
  }),
  refusal(
    'says that writing is not allowed',
    401,
    'Unauthorized',
    'denied by sts or ram, action: log:PostLogStoreLogs',
    {
      status: 'rejected',
      code: 'forbidden',
    },
  ),
  refusal('says that the logstore is missing', 404, 'LogStoreNotExist', 'logstore k8s-event does not exist', {
    status: 'rejected',
    code: 'logstore_not_found',
  }),
  refusal('says that the project is missing', 404, 'ProjectNotExist', 'The Project does not exist : k8s-log-prod', {
    status: 'rejected',
    code: 'project_not_found',
  }),
  refusal('dead-letters a log that SLS refuses', 400, 'PostBodyInvalid', 'Protobuffer content cannot be parsed.', {
    status: 'rejected',
    scope: 'event',
    code: 'log_rejected',
  }),
  refusal('retries a request that arrived too late', 400, 'RequestTimeExpired', 'Request time has been expired', {
    status: 'retry',
    code: 'clock_skew',
  }),
  refusal('retries when SLS is busy', 503, 'ServerBusy', 'the server is busy, please try again later', {
    status: 'retry',
    code: 'server_busy',
  }),
  {
    name: 'does not take another answer for success',
    options,
    secrets,
    events: [{}],
    exchanges: [{ request: { method: 'POST', url }, reply: { status: 200, body: '<html>Welcome</html>' } }],
    outcomes: [{ status: 'retry', code: 'unexpected_reply', detail: 'the reply has no x-log-requestid' }],
  },
];
