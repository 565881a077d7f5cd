import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';
import { serviceAccountOf } from './token.ts';

const keyFile = () =>
  z
    .string()
    .check(
      z.refine(
        (text) => serviceAccountOf(text) !== undefined,
        'expected the whole key file of a service account, as text: JSON with client_email and private_key',
      ),
    );

export const config = defineConfig({
  type: 'pubsub',
  title: 'Google Cloud Pub/Sub',
  chat: false,
  options: z.strictObject({
    project: field(
      z.string().check(z.regex(/^[a-z][a-z0-9:.-]{4,61}[a-z0-9]$/, 'expected the id of a project')),
      'The project of the topic.',
      'example-project',
    ),
    topic: field(
      z.string().check(z.regex(/^[A-Za-z][\w.~+%-]{2,254}$/, 'expected the name of a topic, without its project')),
      'The topic.',
      'kubernetes-events',
    ),
    ordered: field(
      z._default(z.boolean(), false),
      'Whether what happens to one object keeps its order, for subscriptions with message ordering. It wants a regional `endpoint`.',
      true,
    ),
    endpoint: field(
      z._default(endpointUrl(), 'https://pubsub.googleapis.com'),
      'Where the API is: a regional one, or an emulator, which needs no key.',
      'https://europe-west1-pubsub.googleapis.com',
    ),
  }),
  secrets: z.strictObject({
    serviceAccount: field(
      z.optional(secret(keyFile())),
      'The key file of a service account that may publish to the topic, whole, as text.',
      '{"client_email":"courier@example-project.iam.gserviceaccount.com","private_key":"..."}',
    ),
  }),
  runtime: { windowSeconds: 1 },
  codes: {
    key_invalid: {
      status: 'rejected',
      meaning: 'The private key cannot be read.',
      advice:
        'Put the whole key file into the secret `serviceAccount`, with the line ends of `private_key` as it has them; then replay.',
    },
    access_denied: {
      status: 'rejected',
      meaning: 'The service account is unknown or disabled, its key was deleted, or it may not publish to the topic.',
      advice:
        'Grant it Pub/Sub Publisher on the topic, or put another key into the secret `serviceAccount`; then replay.',
    },
    topic_not_found: {
      status: 'rejected',
      meaning: 'There is no such topic in the project.',
      advice: 'Correct `project` and `topic`, or create it; then replay.',
    },
    project_refused: {
      status: 'rejected',
      meaning: 'The project may not do this: billing, a KMS key or a policy on regions (FAILED_PRECONDITION).',
      advice: 'See the detail, mend it in the project, then replay.',
    },
    event_refused: {
      status: 'rejected',
      meaning: 'Pub/Sub did not accept this event (INVALID_ARGUMENT, or too large).',
      advice: 'Look at the event; report it to this project with the detail.',
    },
    throttled: {
      status: 'retry',
      meaning: 'A quota of the project is used up (RESOURCE_EXHAUSTED).',
      advice: 'Nothing, unless it lasts: then have the quota raised.',
    },
    unavailable: { status: 'retry', meaning: 'Pub/Sub failed.', advice: 'Nothing, unless it lasts.' },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply does not say that each event was published.',
      advice: 'Check that `endpoint` leads to Pub/Sub and not to a proxy or a login page.',
    },
  },
});
