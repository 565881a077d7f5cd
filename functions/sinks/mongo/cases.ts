import type { SinkCase } from '../../core/contract/case.ts';
import { sampleContext } from '../../core/contract/sample.ts';
import { delivered, rejected, retry } from '../../core/contract/outcome.ts';

const options = {};
const secrets = { uri: 'mongodb+srv://kube-courier:invented@cluster.example.com' };

const document = {
  _id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
  cluster: 'prod',
  event_id: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
  event_name: 'api-7d9f.17ab3c',
  resource_version: '184467',
  api_version: 'v1',
  kind: 'Pod',
  namespace: 'payments',
  name: 'api-7d9f',
  object_uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
  field_path: 'spec.containers{api}',
  type: 'Warning',
  severity: 'warning',
  reason: 'BackOff',
  action: '',
  message: 'Back-off restarting failed container api',
  component: 'kubelet',
  host: 'node-1',
  version: 184467,
  count: 1,
  first_occurrence_time: new Date('2026-11-23T07:55:00.000Z'),
  last_occurrence_time: new Date('2026-11-23T07:59:30.000Z'),
  seen_at: new Date('2026-11-23T07:59:31.000Z'),
};
const killing = { ...document, reason: 'Killing' };

const known = {
  owner_kind: 'Deployment',
  owner_name: 'api',
  owner_guessed: false,
  node: 'node-1',
  label_pairs: ['app=api'],
  namespace_label_pairs: ['team=payments'],
};

export const cases: readonly SinkCase[] = [
  {
    name: 'writes one document per event',
    options,
    secrets,
    events: [{}],
    context: sampleContext,
    calls: [{ method: 'write', args: [[{ ...document, ...known }]], returns: [undefined] }],
    outcomes: [delivered],
  },
  {
    name: 'keeps one document per event in mode latest',
    options: { mode: 'latest' },
    secrets,
    events: [{}],
    calls: [
      {
        method: 'write',
        args: [[{ ...document, _id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11' }]],
        returns: [undefined],
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'gives each event its own outcome',
    options,
    secrets,
    events: [{}, { reason: 'Killing' }],
    calls: [
      {
        method: 'write',
        args: [[document, killing]],
        returns: [undefined, { code: 121, message: 'Document failed validation' }],
      },
    ],
    outcomes: [
      delivered,
      rejected('event', 'document_refused', 'the document failed the validation of the collection'),
    ],
  },
  {
    name: 'rejects the destination on a wrong password',
    options,
    secrets,
    events: [{}],
    calls: [
      {
        method: 'write',
        args: [[document]],
        throws: { name: 'MongoServerError', code: 18, message: 'Authentication failed.' },
      },
    ],
    outcomes: [rejected('destination', 'authentication_failed', 'Authentication failed.')],
  },
  {
    name: 'retries during an election',
    options,
    secrets,
    events: [{}],
    calls: [
      {
        method: 'write',
        args: [[document]],
        throws: { name: 'MongoServerError', code: 10107, message: 'not primary' },
      },
    ],
    outcomes: [retry('not_primary', 'not primary')],
  },
  {
    name: 'retries when the service limits the rate',
    options,
    secrets,
    events: [{}],
    calls: [
      {
        method: 'write',
        args: [[document]],
        throws: { name: 'MongoServerError', code: 16500, message: 'Request rate is large' },
      },
    ],
    outcomes: [retry('throttled', 'Request rate is large')],
  },
  {
    name: 'retries when no server answers',
    options,
    secrets,
    events: [{}],
    calls: [
      {
        method: 'write',
        args: [[document]],
        throws: {
          name: 'MongoServerSelectionError',
          message: 'connect ECONNREFUSED 10.0.0.9:27017',
          reason: { error: { name: 'MongoNetworkError', cause: { code: 'ECONNREFUSED' } } },
        },
      },
    ],
    outcomes: [retry('connection_refused', 'the connection was refused')],
  },
];
