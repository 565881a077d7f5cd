import type { SinkCase } from '../../core/contract/case.ts';
import { delivered } from '../../core/contract/outcome.ts';
import { sampleKubeEvent } from '../../core/contract/sample.ts';

const options = { accountId: '1234567890123456', region: 'cn-hangzhou' };
const secrets = { accessKeyId: 'LTAI5tExampleExample', accessKeySecret: 'a-secret-of-thirty-characters.' };
const url = 'https://1234567890123456.eventbridge.cn-hangzhou.aliyuncs.com/openapi/putEvents';

const event = {
  specversion: '1.0',
  id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
  source: 'acs.cs',
  type: 'cs:k8s:PodRelatedEvent',
  subject: 'acs:cs:cn-hangzhou:1234567890123456:prod/apis/v1/namespaces/payments/pods/api-7d9f',
  time: '2026-11-23T07:59:30.000Z',
  datacontenttype: 'application/json',
  aliyuneventbusname: 'default',
  data: sampleKubeEvent,
};

export const cases: readonly SinkCase[] = [
  {
    name: 'puts one event',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: {
          method: 'POST',
          url,
          headers: {
            'content-type': 'application/cloudevents-batch+json; charset=utf-8',
            date: 'Mon, 23 Nov 2026 08:00:00 GMT',
            authorization: 'acs:LTAI5tExampleExample:jl1476b/7Uv+lS+Je50O1ixRvGE=',
          },
          body: [event],
        },
        reply: {
          status: 200,
          body: {
            RequestId: '5E9AB1DF',
            FailedEntryCount: 0,
            EntryList: [{ EventId: '99418e3a', TraceId: '445EFED2' }],
          },
        },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'sends only the failed events again',
    options: {
      ...options,
      eventBus: 'kubernetes',
      clusterId: 'c82e6987',
      source: 'my-company.kubernetes',
      internal: true,
    },
    secrets: { ...secrets, securityToken: 'CAISexample' },
    events: [{}, { involvedObject: {} }, {}],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: url.replace('cn-hangzhou.', 'cn-hangzhou-vpc.'),
          headers: { 'x-acs-security-token': 'CAISexample', 'x-acs-accesskey-id': 'LTAI5tExampleExample' },
        },
        reply: {
          status: 200,
          body: {
            RequestId: '5E9AB1DF',
            FailedEntryCount: 2,
            EntryList: [
              { EventId: '99418e3a' },
              { ErrorCode: 'InternalError', ErrorMessage: 'try again' },
              { ErrorCode: 'InvalidArgument', ErrorMessage: 'the event is not valid' },
            ],
          },
        },
      },
    ],
    outcomes: [
      delivered,
      { status: 'retry', code: 'entry_failed', detail: 'InternalError: try again' },
      {
        status: 'rejected',
        scope: 'event',
        code: 'event_rejected',
        detail: 'InvalidArgument: the event is not valid',
      },
    ],
  },
  {
    name: 'says that the secret is wrong',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url },
        reply: {
          status: 403,
          body: {
            code: 'SignatureDoesNotMatch',
            message: 'The request signature we calculated does not match the signature you provided.',
            requestId: '5E9AB1DF',
          },
        },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'wrong_credentials',
        detail:
          'HTTP 403 SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided.',
      },
    ],
  },
  {
    name: 'says that the event bus is missing',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url },
        reply: { status: 409, body: { code: 'EventBusNotExist', message: 'The event bus [default] not existed!' } },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'bus_not_found',
        detail: 'HTTP 409 EventBusNotExist: The event bus [default] not existed!',
      },
    ],
  },
  {
    name: 'retries when there were too many requests',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url },
        reply: {
          status: 429,
          body: { code: 'TooManyRequests', message: 'The request is denied by flow limiter for too many requests.' },
        },
      },
    ],
    outcomes: [
      {
        status: 'retry',
        code: 'throttled',
        detail: 'HTTP 429 TooManyRequests: The request is denied by flow limiter for too many requests.',
      },
    ],
  },
  {
    name: 'does not take another answer for success',
    options,
    secrets,
    events: [{}],
    exchanges: [{ request: { method: 'POST', url }, reply: { status: 200, body: '<html>Welcome</html>' } }],
    outcomes: [{ status: 'retry', code: 'unexpected_reply', detail: 'expected FailedEntryCount and EntryList' }],
  },
];
